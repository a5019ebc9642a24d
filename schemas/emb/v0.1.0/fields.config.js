// Labels of the `emb` extension for STAC Browser.
// Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
import { Registry } from '@radiantearth/stac-fields';

Registry.addExtension('emb', { label: 'Embedding' });
Registry.addMetadataField('emb:type', {
  "label": "Embedding type",
  "explain": "What one vector describes: a pixel, a patch of many pixels, or a location or region."
});
Registry.addMetadataField('emb:delivery', {
  "label": "Delivery",
  "explain": "How vectors are had: `stored` in files or tables, or computed `on_demand`. Independent of the type."
});
Registry.addMetadataField('emb:dimensions', {
  "label": "Dimensions",
  "explain": "Length of one restored vector. One Collection per variant, never a range."
});
Registry.addMetadataField('emb:space', {
  "label": "Vector space",
  "explain": "The vector space: model, weights, version, pooling and everything else that decides where a vector lies. An id of the atlas, or a URI. Vectors may be compared where it is equal, or where a relation says so."
});
Registry.addMetadataField('emb:space_relations', {
  "label": "Relations between vector spaces",
  "explain": "How the vectors relate to those of other spaces, with evidence.",
  "items": {
    "space": {
      "label": "Space"
    },
    "relation": {
      "label": "Relation"
    },
    "lengths": {
      "label": "Lengths"
    },
    "renormalize": {
      "label": "Renormalize"
    },
    "evidence": {
      "label": "Evidence"
    },
    "note": {
      "label": "Note"
    }
  }
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
Registry.addMetadataField('emb:pooling', {
  "label": "Pooling",
  "explain": "How the model's outputs for one place became one vector."
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
    "license": {
      "label": "License"
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
  "explain": "What the model read to make these vectors: a subset or a superset of the training data, never assumed equal. The scenes of one Item are its links `derived_from`.",
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
    "license": {
      "label": "License"
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
Registry.addMetadataField('emb:encoder', {
  "label": "Encoder",
  "explain": "What somebody must give to get a vector on demand. Required of locations on demand."
});
Registry.addMetadataField('emb:encoder.coordinate_order', {
  "label": "Coordinate order",
  "explain": "Order in which it takes a position; an encoder does not fail where it is the wrong one."
});
Registry.addMetadataField('emb:encoder.crs', {
  "label": "Crs",
  "explain": "CRS of the position, such as `EPSG:4326`."
});
Registry.addMetadataField('emb:encoder.parameters', {
  "label": "Parameters",
  "explain": "What it takes beside the place."
});
Registry.addMetadataField('emb:encoder.signature', {
  "label": "Signature",
  "explain": "Call in the notation of its own language, with shapes and types."
});
Registry.addMetadataField('emb:encoder.href', {
  "label": "Href",
  "explain": "Where the encoder, or the service, can be had."
});
Registry.addMetadataField('emb:ground_size', {
  "label": "Ground size",
  "explain": "Side of the square of ground that one vector describes. Other shapes and units are in `emb:footprint`.",
  "unit": "m"
});
Registry.addMetadataField('emb:context_size', {
  "label": "Context size",
  "explain": "Side of the square of ground that the model saw for one vector, where it is larger than what the vector describes.",
  "unit": "m"
});
Registry.addMetadataField('emb:footprint', {
  "label": "Footprint",
  "explain": "Pixels, grid, and a ground size that is not a square in metres."
});
Registry.addMetadataField('emb:footprint.size', {
  "label": "Size",
  "explain": "Ground size [y, x] of one vector, in `unit`; not with `emb:ground_size`."
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
Registry.addMetadataField('emb:temporal_resolution', {
  "label": "Temporal resolution",
  "explain": "How often there is a vector for a place: one acquisition (`snapshot`), a regular step, one composite of several years, or one for all time (`static`)."
});
Registry.addMetadataField('emb:temporal_window', {
  "label": "Temporal window",
  "explain": "Length of time that one vector summarises, ISO 8601 duration such as `P1Y`."
});
Registry.addMetadataField('emb:temporal_description', {
  "label": "Temporal description",
  "explain": "The producer's own words about the time that a vector describes."
});
Registry.addMetadataField('emb:completeness', {
  "label": "Completeness",
  "explain": "How much of the extent has vectors, by year."
});
Registry.addMetadataField('emb:completeness.default', {
  "label": "Default",
  "explain": "Of every year that `years` does not name."
});
Registry.addMetadataField('emb:completeness.years', {
  "label": "Years",
  "explain": "Years that differ, such as `2017`."
});
Registry.addMetadataField('emb:quantization', {
  "label": "Quantisation",
  "explain": "How stored numbers become the vector."
});
Registry.addMetadataField('emb:quantization.method', {
  "label": "Quantisation method",
  "explain": "Name of the rule, see the table of methods. A reader refuses a method that it does not know."
});
Registry.addMetadataField('emb:quantization.scale', {
  "label": "Scale",
  "explain": "Factor of `linear`, one number or one per dimension."
});
Registry.addMetadataField('emb:quantization.offset', {
  "label": "Offset",
  "explain": "Summand of `linear`, one number or one per dimension."
});
Registry.addMetadataField('emb:quantization.divisor', {
  "label": "Divisor",
  "explain": "Divisor of `signed_power`, one number or one per dimension."
});
Registry.addMetadataField('emb:quantization.exponent', {
  "label": "Exponent",
  "explain": "Exponent of `signed_power`."
});
Registry.addMetadataField('emb:quantization.scale_asset', {
  "label": "Scale asset",
  "explain": "Key of the Asset that holds the scales."
});
Registry.addMetadataField('emb:quantization.scale_array', {
  "label": "Scale array",
  "explain": "Name of the array, in the same group or archive, that holds the scales."
});
Registry.addMetadataField('emb:quantization.scale_column', {
  "label": "Scale column",
  "explain": "Name of the column, in the same table, that holds the scales."
});
Registry.addMetadataField('emb:quantization.sentinels', {
  "label": "Sentinels",
  "explain": "Scales that are no scale: the vector does not exist."
});
Registry.addMetadataField('emb:quantization.levels', {
  "label": "Levels",
  "explain": "Number of levels of each digit of a code."
});
Registry.addMetadataField('emb:quantization.basis', {
  "label": "Basis",
  "explain": "Place value of each digit, as many as `levels` and in their order."
});
Registry.addMetadataField('emb:quantization.steps', {
  "label": "Steps",
  "explain": "Codes per vector in the order of their bands, such as one for each month."
});
Registry.addMetadataField('emb:quantization.codebook', {
  "label": "Codebook",
  "explain": "The table of `lookup`, the code books of `product`."
});
Registry.addMetadataField('emb:quantization.values', {
  "label": "Values",
  "explain": "The table of `lookup` itself, where all components share a short one."
});
Registry.addMetadataField('emb:quantization.subvectors', {
  "label": "Subvectors",
  "explain": "Codes per vector of `product`, each for one sub-vector."
});
Registry.addMetadataField('emb:quantization.bits', {
  "label": "Bits",
  "explain": "Bits of one code where codes share bytes; the codes are unsigned."
});
Registry.addMetadataField('emb:quantization.packing', {
  "label": "Packing",
  "explain": "How codes share bytes: `none`, each has its own; `msb`, the first code in the highest bits of the first byte, highest bit first; `lsb`, in the lowest, lowest bit first. Each vector begins with a new byte."
});
Registry.addMetadataField('emb:quantization.original_data_type', {
  "label": "Original data type",
  "explain": "Data type that the model wrote, as in core's `data_type`."
});
Registry.addMetadataField('emb:quantization.stored_data_type', {
  "label": "Stored data type",
  "explain": "Data type in the file. Core's `data_type` of the Asset says it; only where there is no Asset to say it."
});
Registry.addMetadataField('emb:quantization.nodata', {
  "label": "Nodata",
  "explain": "Stored value that marks a missing vector. Core's `nodata` of the Asset says it; only where there is none."
});
Registry.addMetadataField('emb:quantization.nodata_rule', {
  "label": "Nodata rule",
  "explain": "Whether `nodata` in `any` or only in `all` stored numbers of a vector marks it as missing; `all` where it is not given."
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
  "explain": "Where the vector lies in the file. Assets that hold vectors state it."
});
Registry.addMetadataField('emb:layout.kind', {
  "label": "Kind",
  "explain": "`bands`: each band of a raster is one stored number; `column`: a table, with the vector in one list column or spread over `columns`; `array`: an array with the vector along one of its dimensions."
});
Registry.addMetadataField('emb:layout.bands', {
  "label": "Bands",
  "explain": "Bands that hold the vector, in the order of its numbers, counted from 1; all bands where it is left out."
});
Registry.addMetadataField('emb:layout.name', {
  "label": "Name",
  "explain": "Name of the list column, or of the array where store or archive holds several."
});
Registry.addMetadataField('emb:layout.columns', {
  "label": "Columns",
  "explain": "Names of the columns that hold one number each, in order."
});
Registry.addMetadataField('emb:layout.group', {
  "label": "Group",
  "explain": "Path of the group in the store, without a slash at either end."
});
Registry.addMetadataField('emb:layout.dimension', {
  "label": "Dimension",
  "explain": "Name of the array's dimension along which the vector lies."
});
Registry.addMetadataField('emb:layout.axis', {
  "label": "Axis",
  "explain": "The same as a number, where dimensions have no names: axes of the array as its file states its shape, counted from 0; -1 is the last."
});
Registry.addMetadataField('emb:layout.mask', {
  "label": "Mask",
  "explain": "What tells where there is a vector, beside `nodata`."
});
Registry.addMetadataField('emb:layout.georeference_asset', {
  "label": "Georeference asset",
  "explain": "Key of the Asset whose georeference holds for this file too, pixel for pixel, where it has none itself."
});
Registry.addMetadataField('emb:layout.overviews_hold_vectors', {
  "label": "Overviews hold vectors",
  "explain": "Whether the overviews hold vectors that may be restored. Averages of codes are none; where it is not given, a reader does not use them."
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
Registry.addMetadataField('emb:absent', {
  "label": "What is not there",
  "explain": "Field, or `field.member`, to the reason why it is not there: the producer does not state it (`not_stated`), it is `not_applicable`, it `varies` from vector to vector, or nobody looked yet (`not_looked_up`)."
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
  "explain": "What was done to the model's output afterwards."
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
  "explain": "Coverage in words."
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
