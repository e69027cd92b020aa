/** `npm run pictures`: takes the pictures of the walkthrough in the test host and puts them where the extension has them. */
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { root, runNode } from "./lib.js";

const PREFIX = "walkthrough-";

async function main(): Promise<void> {
  const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
  await runNode(join(root, "esbuild.mjs"), ["--tests"]);
  const { code } = await runNode(tsx, [join(root, "test", "host", "run.ts"), "form", "machine"]);
  if (code !== 0) process.exit(code);
  const taken = join(root, "test-results", "host");
  for (const file of (await readdir(taken)).filter((name) => name.startsWith(PREFIX))) {
    await copyFile(join(taken, file), join(root, "media", "walkthrough", file.slice(PREFIX.length)));
    console.log(file);
  }
}

void main();
