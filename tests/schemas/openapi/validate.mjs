// Says on stdout, as JSON, whether the document on stdin is OpenAPI: validate.mjs VALIDATOR
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { Validator } = await import(pathToFileURL(process.argv[2]));
const validator = new Validator();
const { valid, errors } = await validator.validate(JSON.parse(readFileSync(0, "utf8")));
console.log(JSON.stringify({ valid, version: validator.version, errors: errors ?? [] }));
