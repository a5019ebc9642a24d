// Labels of the `emb` extension for STAC Browser.
// Generated from the field table by `python -m atlas.extension.generate`: change the table, not this file.
import { Registry } from '@radiantearth/stac-fields';

Registry.addExtension('emb', { label: 'Embedding' });
Registry.addMetadataField('emb:type', {
  "label": "Embedding type",
  "explain": "What one vector describes: a pixel, a patch of many pixels, or any location that is asked for."
});
Registry.addMetadataField('emb:dimensions', {
  "label": "Dimensions",
  "explain": "Length of one restored vector. One Collection per variant, never a range."
});
Registry.addMetadataField('emb:space', {
  "label": "Vector space",
  "explain": "Id of the vector space: model, weights, version and pooling. Vectors may be compared only where it is equal."
});
Registry.addMetadataField('emb:model', {
  "label": "Model",
  "explain": "The model that made the vectors."
});
Registry.addMetadataField('emb:model.name', {
  "label": "Name",
  "explain": "Name that its authors use."
});
Registry.addMetadataField('emb:model.version', {
  "label": "Version",
  "explain": "Version of the weights that made these vectors."
});
Registry.addMetadataField('emb:model.paper_version', {
  "label": "Paper version",
  "explain": "Version that the paper describes, where it is another one."
});
Registry.addMetadataField('emb:model.architecture', {
  "label": "Architecture",
  "explain": "Architecture in a few words."
});
Registry.addMetadataField('emb:model.href', {
  "label": "Href",
  "explain": "Where the weights or the model card can be had."
});
Registry.addMetadataField('emb:model.license', {
  "label": "License",
  "explain": "Licence of the weights, SPDX expression or LicenseRef-."
});
Registry.addMetadataField('emb:model.code_license', {
  "label": "Code license",
  "explain": "Licence of the code, SPDX expression or LicenseRef-."
});
Registry.addMetadataField('emb:training_data', {
  "label": "Training data",
  "explain": "What the model learned from.",
  "items": {
    "title": {
      "label": "Title"
    },
    "modality": {
      "label": "Modality"
    },
    "role": {
      "label": "Role"
    },
    "id": {
      "label": "Id"
    },
    "platforms": {
      "label": "Platforms"
    },
    "instruments": {
      "label": "Instruments"
    },
    "collection": {
      "label": "Collection"
    },
    "note": {
      "label": "Note"
    }
  }
});
Registry.addMetadataField('emb:inference_data', {
  "label": "Inference data",
  "explain": "What the model read to make these vectors: a subset or a superset of the training data, never assumed equal.",
  "items": {
    "title": {
      "label": "Title"
    },
    "modality": {
      "label": "Modality"
    },
    "role": {
      "label": "Role"
    },
    "id": {
      "label": "Id"
    },
    "platforms": {
      "label": "Platforms"
    },
    "instruments": {
      "label": "Instruments"
    },
    "collection": {
      "label": "Collection"
    },
    "note": {
      "label": "Note"
    }
  }
});
Registry.addMetadataField('emb:footprint', {
  "label": "Footprint",
  "explain": "The ground that one vector describes. Required of patches."
});
Registry.addMetadataField('emb:footprint.size', {
  "label": "Size",
  "explain": "Ground size [y, x] of one vector, in `unit`."
});
Registry.addMetadataField('emb:footprint.unit', {
  "label": "Unit",
  "explain": "Unit of `size` and of the grid's `spacing`."
});
Registry.addMetadataField('emb:footprint.size_px', {
  "label": "Size px",
  "explain": "Size [y, x] of a patch, in pixels of the imagery read.",
  "unit": "px"
});
Registry.addMetadataField('emb:footprint.stride_px', {
  "label": "Stride px",
  "explain": "Step [y, x] between neighbouring patches in pixels, where it is the same everywhere.",
  "unit": "px"
});
Registry.addMetadataField('emb:footprint.grid', {
  "label": "Grid",
  "explain": "The grid that the patches follow."
});
Registry.addMetadataField('emb:temporal', {
  "label": "Temporal resolution",
  "explain": "The span of time that one vector describes."
});
Registry.addMetadataField('emb:temporal.resolution', {
  "label": "Temporal resolution",
  "explain": "How often there is a vector for a place: one acquisition, a regular step, one composite of several years, or one for all time."
});
Registry.addMetadataField('emb:temporal.window', {
  "label": "Window",
  "explain": "Length of time that one vector summarises, ISO 8601 duration such as `P1Y`."
});
Registry.addMetadataField('emb:temporal.description', {
  "label": "Description",
  "explain": "The producer's own words."
});
Registry.addMetadataField('emb:quantization', {
  "label": "Quantisation",
  "explain": "How stored numbers become the vector."
});
Registry.addMetadataField('emb:quantization.method', {
  "label": "Quantisation method",
  "explain": "Name of the rule, see the table of methods."
});
Registry.addMetadataField('emb:quantization.scale', {
  "label": "Scale",
  "explain": "Factor, one number or one per dimension."
});
Registry.addMetadataField('emb:quantization.offset', {
  "label": "Offset",
  "explain": "Summand, one number or one per dimension."
});
Registry.addMetadataField('emb:quantization.exponent', {
  "label": "Exponent",
  "explain": "Exponent of `signed_power`."
});
Registry.addMetadataField('emb:quantization.scale_asset', {
  "label": "Scale asset",
  "explain": "Key of the Asset that holds one scale per vector."
});
Registry.addMetadataField('emb:quantization.scale_array', {
  "label": "Scale array",
  "explain": "Name of the array, in the same store, that holds one scale per vector."
});
Registry.addMetadataField('emb:quantization.scale_column', {
  "label": "Scale column",
  "explain": "Name of the column, in the same table, that holds one scale per vector."
});
Registry.addMetadataField('emb:quantization.water', {
  "label": "Water",
  "explain": "Scale that marks water."
});
Registry.addMetadataField('emb:quantization.missing', {
  "label": "Missing",
  "explain": "Scale that marks a vector that does not exist."
});
Registry.addMetadataField('emb:quantization.levels', {
  "label": "Levels",
  "explain": "Number of levels of each digit of a code."
});
Registry.addMetadataField('emb:quantization.basis', {
  "label": "Basis",
  "explain": "Place value of each digit, as many as `levels`."
});
Registry.addMetadataField('emb:quantization.steps', {
  "label": "Steps",
  "explain": "Codes per vector, such as one for each of 12 months."
});
Registry.addMetadataField('emb:quantization.codebook', {
  "label": "Codebook",
  "explain": "Address of the code book."
});
Registry.addMetadataField('emb:quantization.subvectors', {
  "label": "Subvectors",
  "explain": "Codes per vector, each for one sub-vector."
});
Registry.addMetadataField('emb:quantization.packing', {
  "label": "Packing",
  "explain": "Bits in a byte: one, or eight, the first highest or lowest."
});
Registry.addMetadataField('emb:quantization.original_data_type', {
  "label": "Original data type",
  "explain": "Data type that the model wrote, as in STAC `data_type`."
});
Registry.addMetadataField('emb:quantization.stored_data_type', {
  "label": "Stored data type",
  "explain": "Data type in the file, as in STAC `data_type`."
});
Registry.addMetadataField('emb:quantization.nodata', {
  "label": "Nodata",
  "explain": "Stored value that marks a missing vector."
});
Registry.addMetadataField('emb:quantization.nodata_rule', {
  "label": "Nodata rule",
  "explain": "Whether `nodata` in `any` or only in `all` channels marks it."
});
Registry.addMetadataField('emb:quantization.description', {
  "label": "Description",
  "explain": "The producer's own words."
});
Registry.addMetadataField('emb:quantization.link', {
  "label": "Link",
  "explain": "Document that explains the method."
});
Registry.addMetadataField('emb:normalization', {
  "label": "Normalisation",
  "explain": "Whether restored vectors have length 1 (`unit`) or not."
});
Registry.addMetadataField('emb:similarity', {
  "label": "Similarity",
  "explain": "Metrics that the producer recommends."
});
Registry.addMetadataField('emb:layout', {
  "label": "Layout",
  "explain": "Where the vector lies in the file. Required of Assets that hold vectors."
});
Registry.addMetadataField('emb:layout.kind', {
  "label": "Kind",
  "explain": "`bands`: one band per dimension; `column`: a table's list column, or one column per dimension; `array`: an n-dimensional array with the vector along `axis`."
});
Registry.addMetadataField('emb:layout.name', {
  "label": "Name",
  "explain": "Name of the column (or the columns, in order), or of the array where the store holds several."
});
Registry.addMetadataField('emb:layout.axis', {
  "label": "Axis",
  "explain": "Axis along which the vector lies, counted from 0; -1 is the last."
});
Registry.addMetadataField('emb:tasks', {
  "label": "Tasks",
  "explain": "Intended uses, as the producer states them."
});
Registry.addMetadataField('emb:known_issues', {
  "label": "Known issues",
  "explain": "Defects and traps.",
  "items": {
    "title": {
      "label": "Title"
    },
    "description": {
      "label": "Description"
    },
    "status": {
      "label": "Status"
    },
    "region": {
      "label": "Region"
    },
    "versions": {
      "label": "Versions"
    },
    "href": {
      "label": "Href"
    },
    "workaround": {
      "label": "Workaround"
    }
  }
});
Registry.addMetadataField('emb:not_stated', {
  "label": "Not stated",
  "explain": "Fields, or `field.member`, that the producer does not state: absence is then a fact and not a gap."
});
Registry.addMetadataField('emb:runtime_parameters', {
  "label": "Runtime parameters",
  "explain": "Parameter values used during inference."
});
Registry.addMetadataField('emb:preprocessing', {
  "label": "Preprocessing",
  "explain": "What was done to the data before inference."
});
Registry.addMetadataField('emb:preprocessing.format', {
  "label": "Format",
  "explain": "Language of the expression."
});
Registry.addMetadataField('emb:preprocessing.expression', {
  "label": "Expression",
  "explain": "The expression; its type depends on the format."
});
Registry.addMetadataField('emb:postprocessing', {
  "label": "Postprocessing",
  "explain": "What was done to the model's output before it was stored."
});
Registry.addMetadataField('emb:postprocessing.format', {
  "label": "Format",
  "explain": "Language of the expression."
});
Registry.addMetadataField('emb:postprocessing.expression', {
  "label": "Expression",
  "explain": "The expression; its type depends on the format."
});
Registry.addMetadataField('emb:uncertainty', {
  "label": "Uncertainty",
  "explain": "How uncertainty was quantified."
});
Registry.addMetadataField('emb:uncertainty.method', {
  "label": "Method",
  "explain": "How it was quantified."
});
Registry.addMetadataField('emb:uncertainty.description', {
  "label": "Description",
  "explain": "What the values mean."
});
Registry.addMetadataField('emb:spatial_coverage', {
  "label": "Spatial coverage",
  "explain": "Coverage of the Item in words."
});
Registry.addMetadataField('emb:energy', {
  "label": "Energy",
  "explain": "Energy used to make the vectors."
});
Registry.addMetadataField('emb:energy.device_type', {
  "label": "Device type",
  "explain": "Kind of device."
});
Registry.addMetadataField('emb:energy.energy_kwh', {
  "label": "Energy kwh",
  "explain": "Energy that the device used.",
  "unit": "kWh"
});
Registry.addMetadataField('emb:energy.inference_duration_s', {
  "label": "Inference duration s",
  "explain": "Wall-clock time of the run.",
  "unit": "s"
});
Registry.addMetadataField('emb:energy.avg_power_w', {
  "label": "Avg power w",
  "explain": "Mean power draw.",
  "unit": "W"
});
Registry.addMetadataField('emb:energy.max_power_w', {
  "label": "Max power w",
  "explain": "Highest power draw.",
  "unit": "W"
});
Registry.addMetadataField('emb:energy.name', {
  "label": "Name",
  "explain": "Name of the device."
});
Registry.addMetadataField('emb:energy.instance_type', {
  "label": "Instance type",
  "explain": "Cloud instance type."
});
Registry.addMetadataField('emb:energy.platform', {
  "label": "Platform",
  "explain": "Compute platform."
});

export default Registry;
