// What a file says of itself in its header or footer: the same facts as atlas/read/file_facts.py reads.
// Nothing leaves the browser, and of each file only the few bytes that are asked for are read.
"use strict";
var filefacts = (() => {
  const DOCUMENTS = ["zarr.json", ".zmetadata", ".zarray", ".zgroup"];
  const DEPTH = 3;
  const LARGEST = 64 * 2 ** 20;
  const MOST_ARRAYS = 100;
  const STATED = ["emb_identity", "emb"];

  const bytes = async (blob, start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer());
  const text = (array) => Array.from(array, (one) => String.fromCharCode(one)).join("");

  /** Empty facts. */
  function none(kind, name) {
    return { kind, name, parts: {}, columns: [], band_names: [], stated: [], nodata: "not set", pixel: "not set", crs: null };
  }

  /** A type as Zarr and NumPy write it in the words of STAC. */
  function numberType(stated) {
    const found = /^[<>|=]?([iuf])([1248])$/.exec(stated);
    if (found) return { i: "int", u: "uint", f: "float" }[found[1]] + 8 * Number(found[2]);
    return /^(u?int(8|16|32|64)|float(16|32|64))$/.test(stated) ? stated : "other";
  }

  /** All texts below a key of STATED, a JSON object or its text. */
  function statedTexts(key) {
    if (typeof key === "string") {
      try { key = JSON.parse(key); } catch { return []; }
    }
    if (typeof key === "string") return [key];
    return key && typeof key === "object" ? Object.values(key).flatMap((one) => (typeof one === "string" ? [one] : one && typeof one === "object" ? statedTexts(one) : [])) : [];
  }

  function number(value) {
    return value === null ? "not set" : String(value);
  }

  /** Text of an item of GDAL's XML, which is escaped twice. */
  function plain(xml) {
    const names = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };
    const once = (escaped) => escaped?.replace(/&(?:#(\d+)|(\w+));/g, (all, code, name) => (code ? String.fromCodePoint(Number(code)) : names[name] ?? all));
    return once(once(xml));
  }

  async function tiff(file) {
    const image = await (await geotiff.fromBlob(file)).getImage();
    const facts = none("tiff", file.name);
    const directory = image.fileDirectory;
    const bits = [...directory.getValue("BitsPerSample") ?? [1]];
    const formats = [...directory.getValue("SampleFormat") ?? [1]];
    const count = image.getSamplesPerPixel();
    const width = Math.max(...bits.slice(0, 1));
    const size = [8, 16, 32, 64].find((one) => width <= one);
    const name = { 1: "uint", 2: "int", 3: "float", 4: "uint" }[formats[0] ?? 1];
    facts.parts[""] = { numbers: [count], dtype: name && size ? name + size : "other" };
    const items = (await image.getGDALMetadata()) ?? {};
    const names = [];
    for (let k = 0; k < count; k += 1) names.push(plain((await image.getGDALMetadata(k))?.DESCRIPTION) ?? "");
    if (names.some(Boolean)) facts.band_names = names;
    facts.nodata = number(image.getGDALNoData());
    const keys = image.getGeoKeys() ?? {};
    const code = [keys.ProjectedCSTypeGeoKey, keys.GeographicTypeGeoKey].find((one) => one && one !== 32767);
    if (code) facts.crs = `EPSG:${code}`;
    if (/^EPSG:32[67]/.test(facts.crs)) {
      const scale = directory.getValue("ModelPixelScale") ?? directory.getValue("ModelTransformation");
      if (scale) facts.pixel = String(Number(Math.abs(scale[0]).toPrecision(6)));
    }
    facts.stated = statedTexts(plain(STATED.map((key) => items[key]).find(Boolean)));
    return facts;
  }

  /** One array of NumPy from its first bytes and its length. */
  function array(head, size) {
    const major = head[6];
    if (major !== 1 && major !== 2) throw new Error("its NPY version is unknown");
    const view = new DataView(head.buffer, head.byteOffset);
    const start = major === 1 ? 10 : 12;
    const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
    const header = text(head.slice(start, start + length));
    const shape = /'shape': *\(([^)]*)\)/.exec(header);
    if (length > 10_000 || header.length < length || !shape) throw new Error("its NPY header cannot be read");
    const numbers = shape[1].split(",").map((one) => one.trim()).filter(Boolean).map(Number);
    if (numbers.some(Number.isNaN)) throw new Error("its NPY header cannot be read");
    const descr = /'descr': *'([^']*)'/.exec(header)?.[1] ?? "";
    const plain = /^[<>|=]?[a-zA-Z](\d+)$/.exec(descr);
    const expected = plain && !/[OU]/.test(descr) ? start + length + numbers.reduce((a, b) => a * b, 1) * Number(plain[1]) : null;
    if (/O/.test(descr)) throw new Error("it holds Python objects");
    if (expected !== null && expected !== size) throw new Error(`it has ${size} bytes, its header says ${expected}`);
    return { numbers, dtype: numberType(descr) };
  }

  async function npy(file) {
    return { ...none("npy", file.name), parts: { "": array(await bytes(file, 0, 10_100), file.size) } };
  }

  /** The arrays of an archive: its directory, and of each member the header. */
  async function archive(file) {
    const tail = await bytes(file, Math.max(0, file.size - 65_557), file.size);
    let at = tail.length - 22;
    while (at >= 0 && !(tail[at] === 80 && tail[at + 1] === 75 && tail[at + 2] === 5 && tail[at + 3] === 6)) at -= 1;
    if (at < 0) return none(null, file.name);
    const end = new DataView(tail.buffer, at);
    const [count, length, offset] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
    const list = await bytes(file, offset, offset + length);
    const view = new DataView(list.buffer);
    const members = [];
    for (let k = 0, p = 0; k < count && p + 46 <= list.length; k += 1) {
      const [nameLength, extra, comment] = [28, 30, 32].map((one) => view.getUint16(p + one, true));
      members.push({
        name: text(list.slice(p + 46, p + 46 + nameLength)),
        method: view.getUint16(p + 10, true),
        packed: view.getUint32(p + 20, true),
        size: view.getUint32(p + 24, true),
        at: view.getUint32(p + 42, true),
      });
      p += 46 + nameLength + extra + comment;
    }
    if (!members.length || !members.every((one) => one.name.endsWith(".npy"))) return none(null, file.name);
    const facts = none("npz", file.name);
    for (const one of members.slice(0, MOST_ARRAYS)) {
      const local = await bytes(file, one.at, one.at + 30);
      const header = new DataView(local.buffer);
      const start = one.at + 30 + header.getUint16(26, true) + header.getUint16(28, true);
      const head = await unpacked(file.slice(start, start + one.packed), one.method);
      if (text(head.slice(0, 6)) !== "\x93NUMPY") throw new Error(`${one.name} is not an NPY file`);
      facts.parts[one.name.slice(0, -4)] = array(head, one.size);
    }
    return facts;
  }

  /** The first bytes of a member. */
  async function unpacked(blob, method) {
    if (method === 0) return bytes(blob, 0, 10_100);
    if (method !== 8) throw new Error("its compression method is unknown");
    const reader = blob.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    let head = new Uint8Array(0);
    while (head.length < 10_100) {
      const { done, value } = await reader.read();
      if (done) break;
      const joined = new Uint8Array(head.length + value.length);
      joined.set(head);
      joined.set(value, head.length);
      head = joined;
    }
    await reader.cancel();
    return head;
  }

  async function parquet(file) {
    const source = { byteLength: file.size, slice: (start, end) => file.slice(start, end).arrayBuffer() };
    const footer = await hyparquet.parquetMetadataAsync(source);
    const facts = none("parquet", file.name);
    const columns = hyparquet.parquetSchema(footer).children;
    facts.columns = columns.map((one) => one.element.name);
    for (const column of columns) {
      const dtype = elementType(column);
      if (!dtype) continue;
      let values = 0n;
      for (const group of footer.row_groups) {
        const chunk = group.columns.find((one) => one.meta_data.path_in_schema[0] === column.element.name);
        values += BigInt(chunk.meta_data.num_values);
      }
      const rows = BigInt(footer.num_rows);
      facts.parts[column.element.name] = { numbers: rows && values % rows === 0n ? [Number(values / rows)] : null, dtype };
    }
    facts.stated = statedTexts(STATED.map((key) => footer.key_value_metadata?.find((one) => one.key === key)).find(Boolean)?.value);
    return facts;
  }

  /** Type of the numbers of a column of lists; null of any other column. */
  function elementType(column) {
    const { element, children } = column;
    if (element.converted_type !== "LIST" && element.logical_type?.type !== "LIST") return null;
    let leaf = children[0];
    if (leaf?.children.length === 1) [leaf] = leaf.children;
    if (!leaf || leaf.children.length) return null;
    const { type, converted_type: converted, logical_type: logical } = leaf.element;
    if (logical?.type === "FLOAT16") return "float16";
    if (type === "FLOAT") return "float32";
    if (type === "DOUBLE") return "float64";
    if (type !== "INT32" && type !== "INT64") return null;
    const whole = /^(U?)INT_(\d+)$/.exec(converted ?? "");
    if (whole) return `${whole[1] ? "u" : ""}int${whole[2]}`;
    if (logical?.type === "INTEGER") return `${logical.isSigned ? "" : "u"}int${logical.bitWidth}`;
    return converted || logical ? null : type.toLowerCase();
  }

  /** A folder: { name, files: Map(path from the folder -> File) }. */
  async function folder({ name, files }) {
    const paths = [...files.keys()];
    if (icechunk.matches(paths)) return ofNodes("icechunk", name, shallow(await icechunk.nodes(files)));
    if (!DOCUMENTS.some((one) => files.has(one))) return none(null, name);
    const nodes = new Map();
    await walk(files, paths, "", 0, nodes);
    return ofNodes("zarr", name, nodes);
  }

  async function walk(files, paths, path, depth, nodes) {
    const join = (...parts) => parts.filter(Boolean).join("/");
    const document = DOCUMENTS.find((one) => files.has(join(path, one)));
    if (!document) return;
    const found = await described(files.get(join(path, document)), document);
    if (document === ".zgroup" && files.has(join(path, ".zattrs"))) found.set("", { attributes: await json(files.get(join(path, ".zattrs"))) });
    for (const [key, node] of found) nodes.set(join(path, key), node);
    if (document === ".zmetadata" || found.size > 1 || "shape" in found.get("") || depth === DEPTH) return;
    const start = path ? `${path}/` : "";
    const names = new Set(paths.filter((one) => one.startsWith(start)).map((one) => one.slice(start.length)).filter((one) => one.includes("/")).map((one) => one.split("/")[0]));
    for (const one of [...names].sort()) await walk(files, paths, join(path, one), depth + 1, nodes);
  }

  async function described(file, name) {
    const found = await json(file);
    const objects = (value) => Object.entries(isObject(value) ? value : {}).filter(([, one]) => isObject(one));
    if (name === ".zmetadata") {
      const entries = new Map(objects(found.metadata));
      const nodes = new Map([["", { attributes: entries.get(".zattrs") ?? {} }]]);
      for (const [key, node] of entries) if (key.endsWith(".zarray")) nodes.set(key.slice(0, -7).replace(/\/+$/, ""), node);
      return nodes;
    }
    return new Map([["", found], ...objects(found.consolidated_metadata?.metadata)]);
  }

  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

  async function json(file) {
    if (file.size > LARGEST) throw new Error(`${file.name} is too large for Zarr metadata`);
    const found = JSON.parse(await file.text());
    if (!isObject(found)) throw new Error(`${file.name} is not a JSON object`);
    return found;
  }

  /** Nodes of as many levels as the folders of a Zarr store are walked. */
  const shallow = (nodes) => new Map([...nodes].filter(([key]) => key.split("/").length <= DEPTH));

  function ofNodes(kind, name, nodes) {
    const facts = none(kind, name);
    for (const key of [...nodes.keys()].sort()) {
      const { shape, data_type: newer, dtype } = nodes.get(key);
      const part = key.split("/").at(-1);
      if (Array.isArray(shape) && shape.every(Number.isInteger) && !(part in facts.parts)) facts.parts[part] = { numbers: shape, dtype: numberType(newer ?? dtype) };
    }
    facts.stated = statedTexts(STATED.map((key) => nodes.get("")?.attributes?.[key]).find(Boolean));
    return facts;
  }

  /**
   * The facts of a file or of a folder.
   * Throws where it begins like a file of a known kind and is damaged.
   */
  async function read(input) {
    if (input.files) return folder(input);
    if (DOCUMENTS.includes(input.name)) return ofNodes("zarr", input.name, await described(input, input.name));
    const start = text(await bytes(input, 0, 6));
    if (icechunk.begins(await bytes(input, 0, 12))) throw new Error("this is one file of an Icechunk repository: choose its folder");
    if (["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(start.slice(0, 4))) return tiff(input);
    if (start === "\x93NUMPY") return npy(input);
    if (start.slice(0, 4) === "PAR1") return parquet(input);
    return archive(input);
  }

  return { read };
})();
