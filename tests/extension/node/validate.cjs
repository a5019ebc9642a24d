// Validates files with stac-node-validator as a library and prints its report as JSON: the command line prints text only.
// Arguments: a JSON file with {schemaMap, files}.
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const request = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
// This script may be run from a folder that has no node_modules above it.
const load = createRequire(path.join(request.root, 'package.json'));
const validate = load('stac-node-validator');
const BaseValidator = load('./node_modules/stac-node-validator/src/baseValidator.js');

// Makes ajv add the schema that holds the failed keyword to each error.
class Verbose extends BaseValidator {
  async createAjv(ajv) {
    ajv.opts.verbose = true;
    return ajv;
  }
}

// Everything comes from the map: an address that is not in it is an error, never a request.
async function loader(uri) {
  if (/^https?:/.test(uri)) {
    throw new Error(`refused to fetch ${uri}`);
  }
  return JSON.parse(fs.readFileSync(uri, 'utf8'));
}

(async () => {
  const reports = {};
  const config = { schemaMap: request.schemaMap, loader, verbose: true, strict: false, customValidator: new Verbose() };
  console.error = () => {};
  const warn = console.warn;
  console.warn = () => {};
  // One call for all, so that every schema is compiled once.
  const documents = request.files.map((file) => JSON.parse(fs.readFileSync(file, 'utf8')));
  const all = await validate(documents, config);
  for (const [place, file] of request.files.entries()) {
    const report = all.children[place];
    const brief = (errors) =>
      errors.map(({ instancePath, schemaPath, keyword, message, parentSchema }) => ({
        instancePath,
        schemaPath,
        keyword,
        message,
        parentSchema,
      }));
    const extensions = Object.entries(report.results.extensions).map(([uri, errors]) => [uri, brief(errors)]);
    reports[file] = {
      valid: report.valid,
      skipped: report.skipped,
      results: { core: brief(report.results.core), extensions: Object.fromEntries(extensions) },
    };
  }
  console.warn = warn;
  process.stdout.write(JSON.stringify(reports));
})().catch((error) => {
  process.stderr.write(String(error.stack));
  process.exit(3);
});
