// The nodes of the newest snapshot of an Icechunk repository (version 1 of its format), from two small files of its folder.
// A snapshot is a header of 39 bytes and a FlatBuffer, packed with Zstandard; each node holds its Zarr metadata as JSON.
"use strict";
var icechunk = (() => {
  const MAGIC = "ICE\u{1F9CA}CHUNK";
  const HEADER = 39;
  const LARGEST = 64 * 2 ** 20;
  const [SNAPSHOT, ZSTANDARD] = [1, 1];
  const BRANCH = "refs/branch.main/ref.json";

  /** Whether the paths of a folder's files are those of a repository; since version 2 it has a file `repo` and no refs. */
  const matches = (paths) => paths.some((one) => one.startsWith("snapshots/")) && (paths.includes("repo") || paths.some((one) => one.startsWith("refs/")));
  const begins = (bytes) => new TextDecoder().decode(bytes.slice(0, 12)) === MAGIC;

  /** Path from the root (without a slash) to the JSON object of each group and array. */
  async function nodes(files) {
    if (!files.has(BRANCH)) throw new Error(files.has("repo") ? "it is written in version 2 of Icechunk's format, and only version 1 can be read" : "it has no branch “main”");
    const id = JSON.parse(await files.get(BRANCH).text())?.snapshot;
    const file = files.get(`snapshots/${id}`);
    if (!file) throw new Error("the snapshot of its branch “main” is missing");
    if (file.size > LARGEST) throw new Error("its snapshot is too large");
    return flat(unpacked(new Uint8Array(await file.arrayBuffer())));
  }

  function unpacked(bytes) {
    const [version, kind, packing] = bytes.slice(36, HEADER);
    if (!begins(bytes) || kind !== SNAPSHOT) throw new Error("its snapshot is damaged");
    if (version !== 1) throw new Error(`it is written in version ${version} of Icechunk's format, and only version 1 can be read`);
    const rest = bytes.subarray(HEADER);
    return packing === ZSTANDARD ? fzstd.decompress(rest) : rest;
  }

  /** The table `nodes` of the FlatBuffer: of each the second field is its path, the third its metadata. */
  function flat(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const at = (position) => position + view.getUint32(position, true);
    const member = (table, number) => {
      const slots = table - view.getInt32(table, true);
      const slot = 4 + 2 * number;
      const offset = slot < view.getUint16(slots, true) ? view.getUint16(slots + slot, true) : 0;
      if (!offset) throw new Error("its snapshot is damaged");
      return at(table + offset);
    };
    const text = (vector) => new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(vector + 4, vector + 4 + view.getUint32(vector, true)));
    const list = member(at(0), 2);
    const found = new Map();
    for (let n = 0; n < view.getUint32(list, true); n += 1) {
      const table = at(list + 4 + 4 * n);
      found.set(text(member(table, 1)).replace(/^\//, ""), JSON.parse(text(member(table, 2))));
    }
    return found;
  }

  return { matches, begins, nodes };
})();
