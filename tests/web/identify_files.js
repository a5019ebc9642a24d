// What the page "Identify a file" reads of files and finds, for test_identify_page.py: facts and candidates as JSON.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const [site, list] = process.argv.slice(2);
globalThis.self = globalThis;
// Node has blobs and no FileReader, which geotiff.js reads them with.
globalThis.FileReader = class {
  readAsArrayBuffer(blob) {
    blob.arrayBuffer().then((result) => { this.result = result; this.onload({ target: this }); });
  }
};
for (const name of ["vendor/hyparquet.js", "vendor/geotiff.js", "vendor/fzstd.js", "icechunk.js", "filefacts.js", "judge.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(site, "static", name), "utf8"), { filename: name });
}
let table;
globalThis.atlas = { provide: (_, value) => { table = value; } };
vm.runInThisContext(fs.readFileSync(path.join(site, "data", "signatures.js"), "utf8"));

const file = async (at) => new File([await fs.openAsBlob(at)], path.basename(at));
async function input(at) {
  if (!fs.statSync(at).isDirectory()) return file(at);
  const files = new Map();
  for (const one of fs.readdirSync(at, { recursive: true, withFileTypes: true })) {
    const whole = path.join(one.parentPath, one.name);
    if (one.isFile()) files.set(path.relative(at, whole), await file(whole));
  }
  return { name: path.basename(at), files };
}

(async () => {
  const found = [];
  for (const at of JSON.parse(fs.readFileSync(list, "utf8"))) {
    try {
      const facts = await filefacts.read(await input(at));
      found.push({ facts, candidates: judge.match(facts, table.signatures) });
    } catch (error) {
      found.push({ error: error.message });
    }
  }
  console.log(JSON.stringify(found));
})();
