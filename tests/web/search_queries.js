// Runs the site's own search over its own index without a browser.
// Usage: node search_queries.js SITE < ["query", ...] > [[all words matched, [path, title, kind], ...], ...]
"use strict";
const fs = require("node:fs"), path = require("node:path"), vm = require("node:vm");
const site = process.argv[2];
const context = vm.createContext({ atlas: { provide: (_, value) => { context.data = value; } } });
for (const name of ["static/vendor/minisearch.js", "static/finder.js", "data/search.js"]) vm.runInContext(fs.readFileSync(path.join(site, name), "utf-8"), context);
const find = context.atlas.finder(context.data);
const answers = JSON.parse(fs.readFileSync(0, "utf-8")).map((query) => {
  const { all, hits } = find(query);
  return [all, ...hits.map((hit) => [hit.path, hit.title, hit.kind])];
});
process.stdout.write(JSON.stringify(answers));
