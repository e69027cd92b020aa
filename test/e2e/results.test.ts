/** `longrecipe results`, and lm-evaluation-harness itself reading what it wrote. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packageRoot } from "../../src/environment/locations.js";
import { wideResults } from "../support/wideResults.js";
import { cli, startProgram, workerPython } from "./support/cli.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrecipe-results-"));
  await writeFile(join(folder, "results.json"), JSON.stringify(wideResults()));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const script = `
import json, sys
from lm_eval.utils import make_table
results = json.load(open(sys.argv[1]))
print(make_table(results)); print(make_table(results, "groups"))
`;

it("writes files that lm-evaluation-harness tabulates", async () => {
  const output = join(folder, "lm.json");
  const { code, err } = await cli("results", join(folder, "results.json"), "--format", "lm-eval", "--output", output);
  expect(err).toContain("not complete: 513 prompts are missing");
  expect(code).toBe(0);
  expect((await readdir(folder)).filter((name) => name.startsWith("lm."))).toEqual(["lm.base.json", "lm.gpt-4.1.json", "lm.merged.json"]);
  // lm-evaluation-harness is among the packages of the tests.
  await cli("setup", "--json", "--extras", join(packageRoot(), "native-bin", "worker", "requirements-test.lock"));
  const table = await startProgram(await workerPython(), ["-c", script, join(folder, "lm.merged.json")]).ended;
  expect(table.err).toBe("");
  const row = (name: string): string[] =>
    (table.out.split("\n").find((line) => line.includes(name)) ?? "").split("|").map((cell) => cell.trim());
  expect(row("mmlu_anatomy")).toEqual(["", "- mmlu_anatomy", "1", "none", "0", "acc", "↑", "0.2000", "±", "0.0641", ""]);
  expect(row("- niah_single_1")).toContain("0.9000");
  expect(row("longrecipe_perplexity")).toContain("↓");
}, 120_000);

it("says what can be named where there is nothing to write", async () => {
  const several = await cli("results", join(folder, "results.json"), "--format", "lm-eval");
  expect([several.code, several.err]).toEqual([2, expect.stringContaining("--model base")]);
  const none = await cli("results", join(folder, "nowhere"));
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("no evaluation results at")]);
  const wrong = await cli("results", join(folder, "results.json"), "--format", "xlsx");
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("lm-eval, csv, markdown")]);
});
