/**
 * `npm run export:embedded`: makes examples/embedded/scorer, the pair that is shipped for live scoring, from the embedded
 * model and recipe: the base, and the reference that the recipe's significance stage scores against.
 */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { stageFolder } from "../src/protocol/stages.js";
import { longrecipe, root, workerPython } from "./lib.js";

/** Ranks of significance agree with PyTorch's to 0.99999, as in fp32 (int8: 0.92), at half of fp32's size. */
const format = "fp16";

async function main(): Promise<void> {
  const example = join(root, "examples", "embedded");
  const target = process.argv[2] ?? join(example, "scorer");
  const python = await workerPython(false);
  const run = await mkdtemp(join(tmpdir(), "longrecipe-pair-"));
  try {
    const args = ["export", join(example, "embedded.longrecipe.json"), "--run", join(run, "run"), "--format", format, "--python", python];
    const { code } = await longrecipe(args);
    if (code !== 0) process.exit(code);
    await rm(target, { recursive: true, force: true });
    await cp(join(run, "run", "stages", stageFolder("export"), "pair"), target, { recursive: true });
    console.log(`The pair is in ${target}.`);
  } finally {
    await rm(run, { recursive: true, force: true });
  }
}

void main();
