#!/usr/bin/env node
// `npx longrecipe`: the runner, built by `npm run build` (npm run setup, demo and test build it too).
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import process from "node:process";

const runner = fileURLToPath(new URL("../dist/runner.js", import.meta.url));
if (!existsSync(runner)) {
  console.error("longrecipe is not built yet. Run `npm run setup` in the clone, then try again.");
  process.exit(3);
}
createRequire(import.meta.url)(runner);
