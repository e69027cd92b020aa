import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tableToIPC, Table, vectorFromArray, Schema, Utf8, Int32, Float32 } from "apache-arrow";
import { describe, expect, it } from "vitest";
import type { EventPayload } from "../../../src/protocol/events.js";
import type { AbilityReport } from "../../../src/protocol/tables.js";
import type { EvaluationTask, EvaluationTools } from "../../../src/runner/stages/evaluation/benchmark.js";
import { abilityInputs, abilityTable, readAbilityReport, runAbility } from "../../../src/runner/stages/evaluation/abilityTask.js";
import type { JobRequest } from "../../../src/runner/stage.js";
import { recipe, temporaryFolder } from "../runner/support.js";

const facts = (cut = 0): AbilityReport["tasks"][string] => ({
  version: "1.0",
  fewShot: 5,
  documents: 100,
  measured: 2,
  cut,
  metrics: { "acc,none": 0.5 },
  higherIsBetter: { acc: true },
});

/** A worker whose models know every other answer of mmlu's tasks, and that has no data for gsm8k. */
class FakeWorker {
  readonly jobs: Extract<JobRequest, { kind: "ability" }>[] = [];
  missing: AbilityReport["missing"] = [{ task: "gsm8k", code: "ability-data-missing", message: "No data for gsm8k.", remedy: "" }];

  async run(job: JobRequest): Promise<void> {
    if (job.kind !== "ability") throw new Error(job.kind);
    this.jobs.push(job);
    const report: AbilityReport = {
      lmEval: "0.4.13",
      tasks: { mmlu_anatomy: facts(), mmlu_virology: facts(1) },
      groups: { mmlu: { version: "2", tasks: ["mmlu_anatomy", "mmlu_virology"], metrics: { "acc,none": 0.5 } } },
      missing: this.missing,
    };
    for (const { name } of job.models) await writeFile(abilityTable(job.output, name), tableOf(report));
  }
}

function tableOf(report: AbilityReport): Uint8Array {
  const tasks = ["mmlu_anatomy", "mmlu_anatomy", "mmlu_virology", "mmlu_virology"];
  const table = new Table({
    task: vectorFromArray(tasks, new Utf8()),
    metric: vectorFromArray(
      tasks.map(() => "acc,none"),
      new Utf8(),
    ),
    document: vectorFromArray([0, 1, 0, 1], new Int32()),
    score: vectorFromArray([1, 0, 1, 0], new Float32()),
    answer: vectorFromArray(["A", "B", "C", "D"], new Utf8()),
    target: vectorFromArray(["0", "1", "2", "3"], new Utf8()),
  });
  const noted = new Schema(table.schema.fields, new Map([["longrecipe.ability", JSON.stringify(report)]]));
  return tableToIPC(new Table(noted, table.batches), "file");
}

async function setUp(ability: object) {
  const directory = await temporaryFolder();
  const worker = new FakeWorker();
  const events: EventPayload[] = [];
  const tools: EvaluationTools = {
    directory,
    recipeDirectory: directory,
    emit: (event) => events.push(event),
    runJob: (job) => worker.run(job),
    checkpoint: () => undefined,
  };
  const { evaluation, corpus } = recipe({ evaluation: { ability: { enabled: true, ...ability } } });
  const task: EvaluationTask = {
    run: "run",
    models: [
      { name: "base", model: { path: "/base" }, identity: "base" },
      { name: "extended", model: { path: "/extended" } },
    ],
    cache: join(directory, "cache"),
    tokenizer: { model: "/base" },
    window: 16,
    targetLength: 64,
    evaluation,
    corpus,
    seed: 0,
  };
  return { directory, worker, tools, task };
}

describe("general ability", () => {
  it("is a row a document, under the group that was asked for; what is missing is said", async () => {
    const { worker, tools, task } = await setUp({ limit: 2 });
    const { rows, missing } = await runAbility(tools, task);
    expect(worker.jobs[0]).toMatchObject({ tasks: ["mmlu", "gsm8k"], limit: 2, allowCode: false });
    expect(rows).toHaveLength(8);
    expect(rows[2]).toEqual({ model: "base", task: "mmlu_virology", group: "mmlu", metric: "acc,none", document: 0, score: 1 });
    expect(missing.map(({ model, task, count }) => [model, task, count])).toEqual([
      ["base", "gsm8k", 1],
      ["base", "mmlu_virology", 1],
      ["extended", "gsm8k", 1],
      ["extended", "mmlu_virology", 1],
    ]);
    expect(missing[0]?.reason).toBe("No data for gsm8k.");
  });

  it("is kept for models with an identity once nothing is missing", async () => {
    const { worker, tools, task } = await setUp({});
    await runAbility(tools, task);
    worker.missing = [];
    await runAbility(tools, task);
    expect(worker.jobs.at(-1)?.models.map(({ name }) => name)).toEqual(["base", "extended"]);
    await runAbility(tools, task);
    expect(worker.jobs.at(-1)?.models.map(({ name }) => name)).toEqual(["extended"]);
  });

  it("asks nothing where the recipe does not", async () => {
    const { worker, tools, task } = await setUp({ enabled: false });
    expect(await runAbility(tools, task)).toEqual({ rows: [], missing: [] });
    expect(worker.jobs).toEqual([]);
  });

  it("knows a person's own tasks by their contents", async () => {
    const { directory, tools, task } = await setUp({ include: "tasks" });
    const { ability } = task.evaluation;
    await mkdir(join(directory, "tasks", "data"), { recursive: true });
    await writeFile(join(directory, "tasks", "own.yaml"), "task: own\n");
    await writeFile(join(directory, "tasks", "data", "own.jsonl"), "{}\n");
    const before = await abilityInputs(ability, tools.recipeDirectory);
    await copyFile(join(directory, "tasks", "own.yaml"), join(directory, "tasks", "second.yaml"));
    expect(await abilityInputs(ability, tools.recipeDirectory)).not.toEqual(before);
  });

  it("refuses a table without a report", async () => {
    const { directory } = await setUp({});
    const file = abilityTable(directory, "base");
    await writeFile(file, tableToIPC(new Table({ task: vectorFromArray(["a"], new Utf8()) }), "file"));
    await expect(readAbilityReport(file)).rejects.toMatchObject({ code: expect.stringContaining("table") as string });
  });
});
