// Types of the `emb` STAC extension.
// Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.

/** The JSON Schema (draft 7). */
export declare const schema: Readonly<Record<string, unknown>>;
/** What `stac_extensions` lists. */
export declare const SCHEMA_URI: string;
export declare const PREFIX: string;
/** Version of the extension. */
export declare const VERSION: string;

/** A STAC Link Object; further members are allowed, as in core. */
export interface LinkObject {
  /** Address of the document. */
  href: string;
  /** Relation type. */
  rel: string;
  /** Media type. */
  type?: string;
  /** Title to show. */
  title?: string;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/**
 * The model that made the vectors. A full description belongs in an MLM Item, which the link
 * `emb:model` names; where the two contradict each other, this object counts, because it speaks of
 * these vectors.
 */
export interface Model {
  /** Name that its authors use. */
  name: string;
  /** Version of the weights that made these vectors. */
  version?: string;
  /** Version that the paper describes, where it is another one. */
  paper_version?: string;
  /** Architecture in a few words. */
  architecture?: string;
  /** Where the weights or the model card can be had. */
  href?: string;
  /** Licence of the weights, SPDX expression or LicenseRef-. */
  license?: string;
  /** Licence of the code, SPDX expression or LicenseRef-. */
  code_license?: string;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** One kind of data that the model read. */
export interface Input {
  /** Name of the data. */
  title: string;
  /** Kind of data, a term such as `optical`, `sar`, `elevation`, `climate`, `coordinates`, `text`. */
  modality: string;
  /**
   * `input` was encoded, `target` was only predicted in training, `auxiliary` steered sampling or
   * masking. Left out where the source names the data without saying what they were for.
   */
  role?: "input" | "target" | "auxiliary";
  /** Id of the data in the catalogue that describes it. */
  id?: string;
  /** Licence of the data, SPDX expression or LicenseRef-. */
  license?: string;
  /** Platforms, as in STAC `platform`. */
  platforms?: string[];
  /** Instruments, as in STAC `instruments`. */
  instruments?: string[];
  /** Address of a public STAC Collection of the data. */
  collection?: string;
  /** What a reader must know about its use: bands, level, years. */
  note?: string;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** The grid that places the patches. */
export interface Grid {
  /** Name of the grid, such as `majortom-10km`. */
  id?: string;
  /**
   * `regular`: one stride everywhere; `irregular`: the step differs from place to place; `named`: cells
   * are looked up in a published definition, by its `id` or its address.
   */
  kind?: "regular" | "irregular" | "named";
  /** Step [y, x] between cell origins, in `unit` of the footprint. */
  spacing?: [number, number];
  /** Address of the grid's definition. */
  href?: string;
  /** The definition as a full Link Object, with type and title; not with `href`. */
  link?: LinkObject;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/**
 * What `emb:ground_size` cannot say of the ground of one vector: sides that differ or are in degrees,
 * pixels, the grid. Sizes and steps are those of every vector; where they differ, leave them out and
 * give `varies` as the reason in `emb:absent`.
 */
export interface Footprint {
  /** Ground size [y, x] of one vector, in `unit`; not with `emb:ground_size`. */
  size?: [number, number];
  /** Unit of `size` and of the grid's `spacing`. */
  unit?: "m" | "deg";
  /** Size [y, x] of a patch, in pixels of the imagery read. Unit: px. */
  size_px?: [number, number];
  /** Step [y, x] between neighbouring patches in pixels, where it is the same everywhere. Unit: px. */
  stride_px?: [number, number];
  /** The grid that the patches follow. */
  grid?: Grid;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/**
 * How much of the extent has vectors: `complete`, `partial`, or only what somebody ordered
 * (`on_request`).
 */
export interface Completeness {
  /** Of every year that `years` does not name. */
  default: "complete" | "partial" | "on_request";
  /** Years that differ, such as `2017`. */
  years?: Record<string, "complete" | "partial" | "on_request">;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** How the vectors of `emb:space` relate to those of another space. */
export interface SpaceRelation {
  /** The other space. */
  space: string;
  /**
   * `same`: another name of the same space; `aligned`: trained to be compared across, as the towers of
   * one contrastive model; `prefix_of`: vectors cut to one of `lengths` may be compared; `incompatible`:
   * alike, and must not be compared. Where nobody states a relation, there is none.
   */
  relation: "same" | "aligned" | "prefix_of" | "incompatible";
  /** Of `prefix_of`: how many leading numbers may be used alone. The other space may be the own one. */
  lengths?: number[];
  /** Of `prefix_of`: whether a cut vector must be scaled to length 1 again. */
  renormalize?: boolean;
  /** Addresses where it is stated or measured. */
  evidence?: string[];
  /** What a reader must know of it. */
  note?: string;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** What an encoder asks for beside the place. */
export interface Parameter {
  /** Name of the parameter. */
  name: string;
  /** Its type. */
  type?: "integer" | "number" | "string" | (string & {});
  /** Smallest value. */
  minimum?: number;
  /** Largest value. */
  maximum?: number;
  /** Legal values, where they are words. */
  values?: string[];
  /** Whether the encoder needs it. */
  required?: boolean;
  /** What it means, and what the encoder does without it. */
  description?: string;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** What somebody must give to get a vector that is computed on demand. */
export interface Encoder {
  /** Order in which it takes a position; an encoder does not fail where it is the wrong one. */
  coordinate_order?: ["lon" | "lat" | "x" | "y", "lon" | "lat" | "x" | "y"];
  /** CRS of the position, such as `EPSG:4326`. */
  crs?: string;
  /** What it takes beside the place. */
  parameters?: Parameter[];
  /** Call in the notation of its own language, with shapes and types. */
  signature?: string;
  /** Where the encoder, or the service, can be had. */
  href?: string;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** A value that is no measurement: where it stands, there is no vector. */
export interface Sentinel {
  /** The value as it is stored. */
  value: number | "nan" | "inf" | "-inf";
  /** What it tells. */
  meaning: "missing" | "water" | "masked" | (string & {});
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/**
 * The table that codes point into, in C order (the last index runs fastest): for `lookup` of shape
 * [codes] or [dimensions, codes], for `product` of shape [sub-vectors, codes, components].
 */
export interface CodeBook {
  /** Address of the file: NPY, or the bare numbers. */
  href?: string;
  /** Key of the Asset that holds it. */
  asset?: string;
  /** Name of the array in the store of the vectors. */
  array?: string;
  /** Shape of the table. */
  shape: number[];
  /** Data type of its numbers, as in core's `data_type`. */
  data_type?: string;
  /** Byte order of bare numbers; an NPY file states its own. */
  byte_order?: "little" | "big";
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/**
 * How stored numbers become the vector. The method's rule with these parameters is enough to restore
 * it. What core has a field for stands there: `data_type` and `nodata` of the Asset.
 */
export interface Quantization {
  /** Name of the rule, see the table of methods. A reader refuses a method that it does not know. */
  method: "none" | "linear" | "signed_power" | "per_vector_scale" | "per_component_scale" | "finite_scalar" | "lookup" | "product" | "binary" | "unknown" | (string & {});
  /** Factor of `linear`, one number or one per dimension. */
  scale?: number | number[];
  /** Summand of `linear`, one number or one per dimension. */
  offset?: number | number[];
  /** Divisor of `signed_power`, one number or one per dimension. */
  divisor?: number | number[];
  /** Exponent of `signed_power`. */
  exponent?: number;
  /** Key of the Asset that holds the scales. */
  scale_asset?: string;
  /** Name of the array, in the same group or archive, that holds the scales. */
  scale_array?: string;
  /** Name of the column, in the same table, that holds the scales. */
  scale_column?: string;
  /** Scales that are no scale: the vector does not exist. */
  sentinels?: Sentinel[];
  /** Number of levels of each digit of a code. */
  levels?: number[];
  /** Place value of each digit, as many as `levels` and in their order. */
  basis?: number[];
  /** Codes per vector in the order of their bands, such as one for each month. */
  steps?: number;
  /** The table of `lookup`, the code books of `product`. */
  codebook?: CodeBook;
  /** The table of `lookup` itself, where all components share a short one. */
  values?: number[];
  /** Codes per vector of `product`, each for one sub-vector. */
  subvectors?: number;
  /** Bits of one code where codes share bytes; the codes are unsigned. */
  bits?: number;
  /**
   * How codes share bytes: `none`, each has its own; `msb`, the first code in the highest bits of the
   * first byte, highest bit first; `lsb`, in the lowest, lowest bit first. Each vector begins with a new
   * byte.
   */
  packing?: "none" | "msb" | "lsb";
  /** Data type that the model wrote, as in core's `data_type`. */
  original_data_type?: string;
  /**
   * Data type in the file. Core's `data_type` of the Asset says it; only where there is no Asset to say
   * it.
   */
  stored_data_type?: string;
  /**
   * Stored value that marks a missing vector. Core's `nodata` of the Asset says it; only where there is
   * none.
   */
  nodata?: number | "nan" | "inf" | "-inf";
  /**
   * Whether `nodata` in `any` or only in `all` stored numbers of a vector marks it as missing; `all`
   * where it is not given.
   */
  nodata_rule?: "any" | "all";
  /** The producer's own words. */
  description?: string;
  /** Document that explains the method. */
  link?: LinkObject;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** Where there is a vector, as another raster, array or column with the same pixels or rows says. */
export interface Mask {
  /** Key of the Asset that holds it; the Asset of the vectors where it is left out. */
  asset?: string;
  /** Name of the array in that store. */
  array?: string;
  /** Name of the column of that table. */
  column?: string;
  /** Band of that raster, counted from 1; the first where it is left out. */
  band?: number;
  /** Values of the mask where there is no vector. */
  sentinels: Sentinel[];
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** Where the vector lies in the file. */
export interface Layout {
  /**
   * `bands`: each band of a raster is one stored number; `column`: a table, with the vector in one list
   * column or spread over `columns`; `array`: an array with the vector along one of its dimensions.
   */
  kind: "bands" | "column" | "array";
  /**
   * Bands that hold the vector, in the order of its numbers, counted from 1; all bands where it is left
   * out.
   */
  bands?: number[];
  /** Name of the list column, or of the array where store or archive holds several. */
  name?: string;
  /** Names of the columns that hold one number each, in order. */
  columns?: string[];
  /** Path of the group in the store, without a slash at either end. */
  group?: string;
  /** Name of the array's dimension along which the vector lies. */
  dimension?: string;
  /**
   * The same as a number, where dimensions have no names: axes of the array as its file states its
   * shape, counted from 0; -1 is the last.
   */
  axis?: number;
  /** What tells where there is a vector, beside `nodata`. */
  mask?: Mask;
  /**
   * Key of the Asset whose georeference holds for this file too, pixel for pixel, where it has none
   * itself.
   */
  georeference_asset?: string;
  /**
   * Whether the overviews hold vectors that may be restored. Averages of codes are none; where it is not
   * given, a reader does not use them.
   */
  overviews_hold_vectors?: boolean;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** A defect or trap that a user must know. */
export interface KnownIssue {
  /** The issue in a few words. */
  title: string;
  /** What happens, and where. */
  description: string;
  /** How well it is established. */
  status?: "confirmed" | "suspected" | "fixed";
  /** Affected region. */
  region?: string;
  /** Affected versions. */
  versions?: string[];
  /** Report or thread. */
  href?: string;
  /** What to do until it is fixed. */
  workaround?: string;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** A processing expression, as in the Processing extension. */
export interface Expression {
  /** Language of the expression. */
  format: string;
  /** The expression; its type depends on the format. */
  expression: unknown;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** How uncertainty was quantified; the values themselves are an Asset with role `uncertainty`. */
export interface Uncertainty {
  /** How it was quantified. */
  method?: string;
  /** What the values mean. */
  description?: string;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** Energy used to make the vectors. */
export interface Energy {
  /** Kind of device. */
  device_type?: "cpu" | "gpu" | "tpu" | (string & {});
  /** Energy that the device used. Unit: kWh. */
  energy_kwh?: number;
  /** Wall-clock time of the run. Unit: s. */
  inference_duration_s?: number;
  /** Mean power draw. Unit: W. */
  avg_power_w?: number;
  /** Highest power draw. Unit: W. */
  max_power_w?: number;
  /** Name of the device. */
  name?: string;
  /** Cloud instance type. */
  instance_type?: string | null;
  /** Compute platform. */
  platform?: string | null;
  /** Objects may say more than the extension knows. */
  [member: string]: unknown;
}

/** The fields at the top level of a Collection. */
export interface CollectionFields {
  /** What one vector describes: a pixel, a patch of many pixels, or a location or region. */
  "emb:type"?: "pixel" | "patch" | "location";
  /** How vectors are had: `stored` in files or tables, or computed `on_demand`. Independent of the type. */
  "emb:delivery"?: "stored" | "on_demand";
  /** Length of one restored vector. One Collection per variant, never a range. */
  "emb:dimensions"?: number;
  /**
   * The vector space: model, weights, version, pooling and everything else that decides where a vector
   * lies. An id of the atlas, or a URI. Vectors may be compared where it is equal, or where a relation
   * says so.
   */
  "emb:space"?: string;
  /** How the vectors relate to those of other spaces, with evidence. */
  "emb:space_relations"?: SpaceRelation[];
  /** The model that made the vectors. */
  "emb:model"?: Model;
  /** How the model's outputs for one place became one vector. */
  "emb:pooling"?: "cls" | "mean" | "max" | "concatenate" | "none" | (string & {});
  /** What the model learned from. */
  "emb:training_data"?: Input[];
  /**
   * What the model read to make these vectors: a subset or a superset of the training data, never
   * assumed equal. The scenes of one Item are its links `derived_from`.
   */
  "emb:inference_data"?: Input[];
  /** What somebody must give to get a vector on demand. Required of locations on demand. */
  "emb:encoder"?: Encoder;
  /**
   * Side of the square of ground that one vector describes. Other shapes and units are in
   * `emb:footprint`. Unit: m.
   */
  "emb:ground_size"?: number;
  /**
   * Side of the square of ground that the model saw for one vector, where it is larger than what the
   * vector describes. Unit: m.
   */
  "emb:context_size"?: number;
  /** Pixels, grid, and a ground size that is not a square in metres. */
  "emb:footprint"?: Footprint;
  /**
   * How often there is a vector for a place: one acquisition (`snapshot`), a regular step, one composite
   * of several years, or one for all time (`static`).
   */
  "emb:temporal_resolution"?: "snapshot" | "daily" | "weekly" | "dekadal" | "monthly" | "seasonal" | "annual" | "multi_year" | "static" | (string & {});
  /** Length of time that one vector summarises, ISO 8601 duration such as `P1Y`. */
  "emb:temporal_window"?: string;
  /** The producer's own words about the time that a vector describes. */
  "emb:temporal_description"?: string;
  /** How much of the extent has vectors, by year. */
  "emb:completeness"?: Completeness;
  /** How stored numbers become the vector. */
  "emb:quantization"?: Quantization;
  /** Whether restored vectors have length 1 (`unit`) or not. */
  "emb:normalization"?: "unit" | "none";
  /** Metrics that the producer recommends. */
  "emb:similarity"?: ("cosine" | "dot" | "euclidean" | "manhattan" | "hamming" | (string & {}))[];
  /** Intended uses, as the producer states them. */
  "emb:tasks"?: string[];
  /** Defects and traps. */
  "emb:known_issues"?: KnownIssue[];
  /**
   * Field, or `field.member`, to the reason why it is not there: the producer does not state it
   * (`not_stated`), it is `not_applicable`, it `varies` from vector to vector, or nobody looked yet
   * (`not_looked_up`).
   */
  "emb:absent"?: Record<string, "not_stated" | "not_applicable" | "varies" | "not_looked_up">;
  /** Parameter values used during inference. */
  "emb:runtime_parameters"?: Record<string, unknown>;
  /** What was done to the data before inference. */
  "emb:preprocessing"?: Expression;
  /** What was done to the model's output afterwards. */
  "emb:postprocessing"?: Expression;
  /** How uncertainty was quantified. */
  "emb:uncertainty"?: Uncertainty;
  /** Coverage in words. */
  "emb:spatial_coverage"?: string;
  /** Energy used to make the vectors. */
  "emb:energy"?: Energy;
}

/** The fields in the properties of an Item. */
export interface ItemFields {
  /** What one vector describes: a pixel, a patch of many pixels, or a location or region. */
  "emb:type"?: "pixel" | "patch" | "location";
  /** How vectors are had: `stored` in files or tables, or computed `on_demand`. Independent of the type. */
  "emb:delivery"?: "stored" | "on_demand";
  /** Length of one restored vector. One Collection per variant, never a range. */
  "emb:dimensions"?: number;
  /**
   * The vector space: model, weights, version, pooling and everything else that decides where a vector
   * lies. An id of the atlas, or a URI. Vectors may be compared where it is equal, or where a relation
   * says so.
   */
  "emb:space"?: string;
  /** How the vectors relate to those of other spaces, with evidence. */
  "emb:space_relations"?: SpaceRelation[];
  /** The model that made the vectors. */
  "emb:model"?: Model;
  /** How the model's outputs for one place became one vector. */
  "emb:pooling"?: "cls" | "mean" | "max" | "concatenate" | "none" | (string & {});
  /** What the model learned from. */
  "emb:training_data"?: Input[];
  /**
   * What the model read to make these vectors: a subset or a superset of the training data, never
   * assumed equal. The scenes of one Item are its links `derived_from`.
   */
  "emb:inference_data"?: Input[];
  /** What somebody must give to get a vector on demand. Required of locations on demand. */
  "emb:encoder"?: Encoder;
  /**
   * Side of the square of ground that one vector describes. Other shapes and units are in
   * `emb:footprint`. Unit: m.
   */
  "emb:ground_size"?: number;
  /**
   * Side of the square of ground that the model saw for one vector, where it is larger than what the
   * vector describes. Unit: m.
   */
  "emb:context_size"?: number;
  /** Pixels, grid, and a ground size that is not a square in metres. */
  "emb:footprint"?: Footprint;
  /**
   * How often there is a vector for a place: one acquisition (`snapshot`), a regular step, one composite
   * of several years, or one for all time (`static`).
   */
  "emb:temporal_resolution"?: "snapshot" | "daily" | "weekly" | "dekadal" | "monthly" | "seasonal" | "annual" | "multi_year" | "static" | (string & {});
  /** Length of time that one vector summarises, ISO 8601 duration such as `P1Y`. */
  "emb:temporal_window"?: string;
  /** The producer's own words about the time that a vector describes. */
  "emb:temporal_description"?: string;
  /** How stored numbers become the vector. */
  "emb:quantization"?: Quantization;
  /** Whether restored vectors have length 1 (`unit`) or not. */
  "emb:normalization"?: "unit" | "none";
  /** Metrics that the producer recommends. */
  "emb:similarity"?: ("cosine" | "dot" | "euclidean" | "manhattan" | "hamming" | (string & {}))[];
  /** Where the vector lies in the file. Assets that hold vectors state it. */
  "emb:layout"?: Layout;
  /** Intended uses, as the producer states them. */
  "emb:tasks"?: string[];
  /** Defects and traps. */
  "emb:known_issues"?: KnownIssue[];
  /**
   * Field, or `field.member`, to the reason why it is not there: the producer does not state it
   * (`not_stated`), it is `not_applicable`, it `varies` from vector to vector, or nobody looked yet
   * (`not_looked_up`).
   */
  "emb:absent"?: Record<string, "not_stated" | "not_applicable" | "varies" | "not_looked_up">;
  /** Parameter values used during inference. */
  "emb:runtime_parameters"?: Record<string, unknown>;
  /** What was done to the data before inference. */
  "emb:preprocessing"?: Expression;
  /** What was done to the model's output afterwards. */
  "emb:postprocessing"?: Expression;
  /** How uncertainty was quantified. */
  "emb:uncertainty"?: Uncertainty;
  /** Coverage in words. */
  "emb:spatial_coverage"?: string;
  /** Energy used to make the vectors. */
  "emb:energy"?: Energy;
}

/** The fields of an Asset or an Item Asset Definition. */
export interface AssetFields {
  /** Length of one restored vector. One Collection per variant, never a range. */
  "emb:dimensions"?: number;
  /**
   * The vector space: model, weights, version, pooling and everything else that decides where a vector
   * lies. An id of the atlas, or a URI. Vectors may be compared where it is equal, or where a relation
   * says so.
   */
  "emb:space"?: string;
  /** How the model's outputs for one place became one vector. */
  "emb:pooling"?: "cls" | "mean" | "max" | "concatenate" | "none" | (string & {});
  /** How stored numbers become the vector. */
  "emb:quantization"?: Quantization;
  /** Whether restored vectors have length 1 (`unit`) or not. */
  "emb:normalization"?: "unit" | "none";
  /** Where the vector lies in the file. Assets that hold vectors state it. */
  "emb:layout"?: Layout;
}
