/** General ability on a folder of tasks, through the command line, the worker and lm-evaluation-harness itself. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resultsSchema } from "../../src/protocol/results.js";
import { stageFolder } from "../../src/protocol/stages.js";
import { cli, makeWorkspace, workerPython, writeRecipe } from "./support/cli.js";

let python: string;
let workspace: Awaited<ReturnType<typeof makeWorkspace>>;

beforeAll(async () => {
  python = await workerPython();
  workspace = await makeWorkspace(python);
  const tasks = join(workspace.folder, "tasks");
  await mkdir(tasks);
  const questions = ["a", "b", "c"].map((text, answer) => JSON.stringify({ text, choices: ["x", "y", "z"], answer }));
  await writeFile(join(tasks, "questions.jsonl"), `${questions.join("\n")}\n`);
  await writeFile(join(tasks, "choose.yaml"), taskFile("choose"));
  await writeFile(join(tasks, "program.yaml"), `${taskFile("program")}unsafe_code: true\n`);
  await writeFile(join(tasks, "both.yaml"), "group: both\ntask: [choose]\naggregate_metric_list:\n  - metric: acc\n");
});
afterAll(() => workspace.remove());

/** A task of lm-evaluation-harness in its own format. */
function taskFile(name: string): string {
  return [
    `task: ${name}`,
    "dataset_path: json",
    "dataset_kwargs: { data_files: { test: questions.jsonl } }",
    "test_split: test",
    "output_type: multiple_choice",
    'doc_to_text: "{{text}}"',
    'doc_to_choice: "{{choices}}"',
    "doc_to_target: answer",
    "metric_list: [{ metric: acc, aggregation: mean, higher_is_better: true }]",
    "metadata: { version: 1.0 }",
    "",
  ].join("\n");
}

describe("general ability", () => {
  it("stands in the results, a row a document; code without consent is left out and said", async () => {
    const ability = { enabled: true, tasks: ["both", "program"], include: "tasks", limit: 2 };
    const off = { enabled: false };
    const recipe = await writeRecipe(workspace.folder, "ability", { evaluation: { needle: off, perplexity: off, ability } });
    const run = join(workspace.folder, "runs", "run");
    const model = join(workspace.folder, "model");
    const { code, out, err } = await cli("evaluate", model, "--recipe", recipe, "--run", run, "--python", python);
    expect(code, err + out).toBe(0);
    const text = await readFile(join(run, "stages", stageFolder("evaluate"), "results.json"), "utf8");
    const { abilities = [], missing = [] } = resultsSchema.parse(JSON.parse(text));
    expect(abilities.map(({ task, group, metric, document }) => [task, group, metric, document])).toEqual([
      ["choose", "both", "acc,none", 0],
      ["choose", "both", "acc,none", 1],
    ]);
    for (const { score } of abilities) expect([0, 1]).toContain(score);
    expect(missing.map(({ task }) => task)).toEqual(["program"]);
    expect(missing[0]?.reason).toContain("programs of the model");
  });
});
