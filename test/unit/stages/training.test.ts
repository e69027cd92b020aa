import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventPayload } from "../../../src/protocol/events.js";
import type { RecipeInput } from "../../../src/protocol/recipe.js";
import { extendStage } from "../../../src/runner/stages/extend.js";
import { prepareStage } from "../../../src/runner/stages/prepare.js";
import { replayStage } from "../../../src/runner/stages/replay.js";
import { samplesStage } from "../../../src/runner/stages/samples.js";
import { selectStage } from "../../../src/runner/stages/select.js";
import { significanceStage } from "../../../src/runner/stages/significance.js";
import type { TrainingSummary } from "../../../src/runner/stages/training.js";
import { readAll } from "../../../src/runner/tables/reader.js";
import { StageBench } from "./fakeWorker.js";
import { story } from "./story.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "training-"));
  for (const corpus of ["corpus", "general"]) {
    await mkdir(join(folder, corpus));
    for (let file = 0; file < 6; file++) await writeFile(join(folder, corpus, `${file}.txt`), story(file, 80));
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const small: Partial<RecipeInput> = {
  trainedLength: 80,
  training: { samples: 400, batchSize: 40, checkpointEvery: 4, validation: { maxShare: 1 } },
  replay: { corpus: { include: ["general"] }, samples: 40, batchSize: 8 },
  evaluation: { needle: { valueDigits: 4 } },
};

async function trained(recipe: Partial<RecipeInput> = {}): Promise<StageBench> {
  const bench = new StageBench(folder, { ...small, ...recipe });
  for (const stage of [prepareStage, significanceStage, selectStage, samplesStage]) await bench.run(stage);
  bench.skipped.clear();
  bench.events.length = 0;
  bench.worker.jobs.length = 0;
  await bench.run(extendStage);
  await bench.run(replayStage);
  return bench;
}

const of = (bench: StageBench, kind: EventPayload["kind"]) => bench.events.flatMap((event) => (event.kind === kind ? [event] : []));

describe("training", () => {
  it("tells what was measured on held-out text, scored", async () => {
    const bench = await trained();
    const told = of(bench, "validation").map((event) => (event.kind === "validation" ? event : null)!);
    expect(told.map(({ step }) => step)).toEqual([0, 4, 8, 10, 0, 5]);
    expect(told[1]!.perplexity.inside).toBeCloseTo(Math.exp(3 - 0.4));
    expect(told[1]!.perplexity.beyond).toBeCloseTo(Math.exp(4 - 0.4));
    // W = 64 and T = 256 tokens, three depths.
    expect(told[3]!.needles.map(({ length }) => length)).toEqual([64, 64, 64, 128, 128, 128, 256, 256, 256]);
    expect(told[2]!.needles.every(({ score }) => score === 0)).toBe(true);
    expect(told[3]!.needles.every(({ score }) => score === 1)).toBe(true);
    expect(bench.events.some(({ kind }) => (kind as string) === "measurement")).toBe(false);
  });

  it("tokenizes for it once, and probes the effect of skips in extend alone", async () => {
    const bench = await trained();
    expect(bench.worker.jobs.map(({ kind }) => kind)).toEqual(["tokenize", "train", "train"]);
    const jobs = bench.worker.jobs.flatMap((job) => (job.kind === "train" ? [job] : []));
    expect(jobs[0]!.validation).toMatchObject({ bins: [64, 256], maxNewTokens: 6 });
    expect(jobs[1]!.validation).toEqual({ ...jobs[0]!.validation, probe: undefined });
    const documents = await readAll(jobs[0]!.validation!.documents, "tokens");
    expect(documents.map(({ ids }) => ids.length)).toEqual([256, 256, 256, 256]);
    const probes = await readAll(jobs[0]!.validation!.probe!, "samples");
    expect(probes.length).toBe(12);
    for (const { ids, positions, segments } of probes) {
      expect(ids.length).toBe(80);
      expect(positions.at(-1)).toBeGreaterThan(79);
      expect(positions.at(-1)).toBeLessThan(256);
      for (const first of segments.subarray(1))
        expect(bench.worker.text(ids.subarray(first - 1, first + 1))).toMatch(/^[.] (?:Box|Then)$/u);
    }
  });

  it("knows how much of the device is used, and what the training took", async () => {
    const bench = await trained();
    const [metric] = of(bench, "metric");
    const summary = JSON.parse(await readFile(join(bench.output("extend"), "summary.json"), "utf8")) as TrainingSummary;
    // The fake model has one weight, one layer, width 1, on an H100.
    expect(summary.flopsPerToken).toBeCloseTo(6 + 6 * summary.length);
    expect(metric).toMatchObject({ values: { modelFlopsUtilization: (1e6 * summary.flopsPerToken) / 989e12 } });
    expect(summary).toMatchObject({
      steps: 10,
      samples: 400,
      tokensPerSecond: 1e6,
      peakMemoryBytes: 7,
      validations: 4,
      validationSeconds: 2,
    });
    expect(summary.flops).toBeCloseTo(summary.tokens * summary.flopsPerToken);
  });

  const unknown = [
    { title: expect.stringMatching(/^Not measured: whether skipped positions/u) as string, measured: false },
    { title: expect.stringMatching(/^Not measured: whether replay/u) as string, measured: false },
  ];

  it("measures nothing where it is switched off or does not fit, and says what is not known therefore", async () => {
    const off = await trained({ training: { ...small.training, validation: { enabled: false } } });
    expect(off.worker.jobs.map(({ kind }) => kind)).toEqual(["train", "train"]);
    expect(off.worker.jobs.some((job) => job.kind === "train" && job.validation !== undefined)).toBe(false);
    expect(of(off, "diagnosis")).toMatchObject(unknown.map((told) => ({ ...told, setting: "training.validation.enabled (true)." })));
    const tight = await trained({ training: { ...small.training, validation: { maxShare: 1e-6 } } });
    expect(tight.worker.jobs.map(({ kind }) => kind)).toEqual(["train", "train"]);
    const setting = expect.stringContaining("maxShare") as string;
    expect(of(tight, "diagnosis")).toMatchObject(unknown.map((told) => ({ ...told, setting })));
  });

  it("measures what diagnoses need as long as a training has room for that alone", async () => {
    const short = await trained({ training: { ...small.training, validation: { maxShare: 0.02 } } });
    const jobs = short.worker.jobs.flatMap((job) => (job.kind === "train" ? [job] : []));
    expect(jobs[0]!.validation).toMatchObject({ between: false });
    expect(of(short, "validation")).toMatchObject([
      { step: 0 },
      { step: 10, perplexity: { beyond: null }, needles: [] },
      { step: 0 },
      { step: 5 },
    ]);
    const documents = await readAll(jobs[0]!.validation!.documents, "tokens");
    expect(documents.map(({ ids }) => ids.length)).toEqual([64]);
    expect(of(short, "diagnosis")).toMatchObject([{ title: "Replay data is far from what the model knows" }]);
  });

  it("says so where held-out text is too short to tell, or a measurement failed", async () => {
    await mkdir(join(folder, "held-out"));
    for (let file = 0; file < 4; file++) await writeFile(join(folder, "held-out", `${file}.txt`), story(file, 10));
    const perplexity = { corpus: { include: ["held-out"] } };
    const [skips] = of(await trained({ evaluation: { ...small.evaluation, perplexity } }), "diagnosis");
    expect(skips).toMatchObject({ ...unknown[0], setting: expect.stringContaining("perplexity.corpus") as string });
    const failing = new StageBench(folder, small);
    for (const stage of [prepareStage, significanceStage, selectStage, samplesStage]) await failing.run(stage);
    failing.worker.measures = false;
    failing.skipped.clear();
    await failing.run(extendStage);
    await failing.run(replayStage);
    expect(of(failing, "diagnosis").slice(-2)).toMatchObject(
      unknown.map((told) => ({ ...told, cause: expect.stringContaining("it failed") as string })),
    );
  });

  it("does not ask what skips do where there are none", async () => {
    const validation = { enabled: false };
    const full = await trained({ positions: { strategy: "full" }, training: { ...small.training, validation } });
    expect(of(full, "diagnosis")).toMatchObject([unknown[1]]);
  });

  it("tells of replay data that is far from held-out text", async () => {
    // The fake model loses 4.9 nats on its first batch of replay, 3 on held-out text.
    expect(of(await trained(), "diagnosis")).toMatchObject([{ title: "Replay data is far from what the model knows" }]);
  });

  it("depends on nothing that is measured", async () => {
    const inputs = async (recipe: Partial<RecipeInput>) => {
      const bench = new StageBench(folder, { ...small, ...recipe });
      return extendStage.inputs(bench.context("extend"));
    };
    expect(await inputs({ training: { ...small.training, validation: { trials: 9 } } })).toEqual(await inputs({}));
  });
});
