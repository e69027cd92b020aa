/** `npm run schema`: writes the JSON Schemas that the editor (recipe) and the worker (job) check against. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { schemaFiles } from "../src/protocol/jsonSchemas.js";

async function main(): Promise<void> {
  const root = join(__dirname, "..");
  for (const [file, schema] of Object.entries(schemaFiles())) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), `${JSON.stringify(schema, null, 2)}\n`);
    console.log(file);
  }
}

void main();
