/** `npm run test:worker [-- PYTEST OPTIONS]`: the worker's own tests, in its own environment. */
import { join } from "node:path";
import process from "node:process";
import { root, run, workerPython } from "./lib.js";

async function main(): Promise<void> {
  const python = await workerPython(true);
  const worker = join(root, "native-bin", "worker");
  const options = process.argv.slice(2);
  const env = { PYTHONPATH: join(worker, "src"), PYTHONDONTWRITEBYTECODE: "1" };
  const { code } = await run(python, ["-m", "pytest", worker, "-c", join(worker, "pyproject.toml"), ...options], { env });
  process.exit(code);
}

void main();
