/** The models of other families that the study of architectures is about. */
import { join } from "node:path";
import process from "node:process";
import { cacheDirectory } from "../src/environment/locations.js";
import { root, run, workerPython } from "./lib.js";

/** Pretrains those that are not in the cache, and puts them where the study looks. Ends the process where that fails. */
export async function makeSiblings(): Promise<void> {
  const python = await workerPython(false);
  const script = join(root, "examples", "embedded", "pretrain", "siblings.py");
  const { code } = await run(python, [script, "--cache", cacheDirectory()]);
  if (code !== 0) process.exit(code);
}
