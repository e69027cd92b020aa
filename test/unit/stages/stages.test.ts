import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UserError } from "../../../src/protocol/errors.js";
import type { RecipeInput } from "../../../src/protocol/recipe.js";
import { resultsSchema } from "../../../src/protocol/results.js";
import { prepareSummarySchema } from "../../../src/protocol/corpusSummary.js";
import { coverageFileSchema } from "../../../src/protocol/coverage.js";
import { evaluateStage } from "../../../src/runner/stages/evaluate.js";
import { prepareStage } from "../../../src/runner/stages/prepare.js";
import { samplesStage } from "../../../src/runner/stages/samples.js";
import { selectStage } from "../../../src/runner/stages/select.js";
import { significanceStage } from "../../../src/runner/stages/significance.js";
import { readAll } from "../../../src/runner/tables/reader.js";
import { failure, fakeServer } from "../server/fakeServer.js";
import { StageBench } from "./fakeWorker.js";
import { story } from "./story.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stages-"));
  await mkdir(join(folder, "corpus"));
  for (let file = 0; file < 6; file++) await writeFile(join(folder, "corpus", `${file}.txt`), story(file, 80));
  await mkdir(join(folder, "general"));
  await writeFile(
    join(folder, "general", "a.jsonl"),
    Array.from({ length: 20 }, (_, at) => JSON.stringify({ text: story(at, 3) })).join("\n"),
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const small: Partial<RecipeInput> = {
  trainedLength: 80,
  training: { samples: 30, batchSize: 2 },
  replay: { corpus: { include: ["general"] }, samples: 10, batchSize: 2 },
  evaluation: { needle: { trials: 2, depths: [0, 0.5, 1], valueDigits: 4 }, perplexity: { documents: 3 } },
};

async function upToSamples(recipe: Partial<RecipeInput>): Promise<StageBench> {
  const bench = new StageBench(folder, { ...small, ...recipe });
  for (const stage of [prepareStage, significanceStage, selectStage, samplesStage]) await bench.run(stage);
  return bench;
}

describe("prepare to samples", () => {
  it("finds the numbers, and trains on the sentences that hold them", async () => {
    const bench = await upToSamples({ selection: { topFraction: 0.05 } });
    const selection = JSON.parse(await readFile(join(bench.output("select"), "summary.json"), "utf8")) as Record<string, number>;
    expect(selection).toMatchObject({ documents: 6, sentences: 480, anchorSentences: 96 });
    const samples = await readAll(join(bench.output("samples"), "samples.arrow"), "samples");
    expect(samples.length).toBe(30);
    for (const { ids, positions } of samples) {
      expect(ids.length).toBeGreaterThan(70);
      expect(positions.at(-1)).toBeLessThan(256);
      expect(bench.worker.text(ids)).toMatch(/weighs \d+ pounds.*weighs \d+ pounds/su);
    }
    const replay = await readAll(join(bench.output("samples"), "replay.arrow"), "samples");
    expect(replay.length).toBe(10);
    for (const { positions } of replay) expect(positions.at(-1)).toBe(positions.length - 1);
    expect(await readdir(bench.output("samples"))).not.toContain("scratch.bin");
  });

  it("writes significance with places in the files, for the editor", async () => {
    const bench = await upToSamples({});
    const rows = await readAll(join(bench.output("significance"), "significance.arrow"), "significance");
    expect(rows.map(({ path }) => path)).toEqual(Array.from({ length: 6 }, (_, file) => `corpus/${file}.txt`));
    const [row] = rows;
    const best = row!.score.indexOf(Math.max(...row!.score.filter((score) => !Number.isNaN(score))));
    expect(story(0, 80).slice(row!.starts[best], row!.ends[best])).toMatch(/\d/u);
    expect(row!.extended[best]! - row!.base[best]!).toBeCloseTo(5);
    expect(row!.score[0]).toBeNaN();
  });

  it("measures which relative distances the samples train, for this strategy and the others", async () => {
    const bench = await upToSamples({});
    const { strategy, coverage } = coverageFileSchema.parse(
      JSON.parse(await readFile(join(bench.output("samples"), "coverage.json"), "utf8")),
    );
    expect(strategy).toBe("longrecipe");
    expect(coverage.map((one) => `${one.strategy} ${one.source} ${one.samples}`)).toEqual([
      "longrecipe samples 30",
      "pose simulated 3",
      "randomized simulated 3",
      "full simulated 3",
    ]);
    const [own, , , full] = coverage;
    expect(own!.emptyBins).toBe(0);
    // Plain positions at length T: shares fall in a straight line from 2 / T to 0.
    expect(full!.trained[0]! / full!.trained.at(-1)!).toBeGreaterThan(20);
  });

  it("mixes sources by weight, leaves out near duplicates, skips bad documents, and counts them", async () => {
    await mkdir(join(folder, "more"));
    for (let file = 0; file < 2; file++) await writeFile(join(folder, "more", `${file}.txt`), story(100 + file, 80));
    await writeFile(join(folder, "more", "again.txt"), story(100, 80));
    await writeFile(join(folder, "more", "binary.txt"), Buffer.from([1, 0, 2]));
    await writeFile(join(folder, "more", "empty.txt"), " ");
    const corpus = [{ include: ["corpus"] }, { include: ["more"], weight: 4, onError: "skip" as const }];
    const replay = {
      corpus: [
        { include: ["general"], weight: 1 },
        { include: ["more/0.txt"], weight: 1 },
      ],
      samples: 10,
      batchSize: 2,
    };
    const bench = new StageBench(folder, { ...small, corpus, replay, deduplication: { enabled: true } });
    expect(await bench.run(prepareStage)).toMatch(/^8 documents with .*; 1 unreadable, 1 empty and 1\d* repeated left out$/u);
    const summary = prepareSummarySchema.parse(JSON.parse(await readFile(join(bench.output("prepare"), "summary.json"), "utf8")));
    expect(summary.sources.map(({ key, documents }) => [key, documents])).toEqual([
      ["corpus[0]", 6],
      ["corpus[1]", 2],
    ]);
    expect(summary.omitted.examples).toMatchObject([{ path: "more/binary.txt" }]);
    expect(bench.events.filter(({ kind }) => kind === "log")).toMatchObject([
      { level: "warning", message: expect.stringContaining("more/binary.txt") as string },
    ]);
    for (const stage of [significanceStage, selectStage, samplesStage]) await bench.run(stage);
    const samples = await readAll(join(bench.output("samples"), "samples.arrow"), "samples");
    expect(samples.filter(({ document }) => document >= 6).length).toBe(24);
    const replayed = await readAll(join(bench.output("samples"), "replay.arrow"), "samples");
    expect(replayed.filter(({ document }) => document === 8 + summary.replaySources[0]!.documents).length).toBe(5);
  });

  it("warns of a replay corpus that is smaller than one sample, and repeats it", async () => {
    const warnings = ({ events }: StageBench): unknown[] =>
      events.filter((event) => event.kind === "log" && event.message.includes("replay"));
    expect(warnings(await upToSamples({}))).toEqual([]);
    await writeFile(join(folder, "general", "a.jsonl"), JSON.stringify({ text: "Five small words of text." }));
    const bench = await upToSamples({});
    expect(warnings(bench)).toMatchObject([
      { level: "warning", message: expect.stringContaining("less than one replay sample") as string },
    ]);
    const replay = await readAll(join(bench.output("samples"), "replay.arrow"), "samples");
    expect(replay.length).toBe(10);
  });

  it("trains on no document that a model cannot score, where bad ones are left out", async () => {
    const bench = new StageBench(folder, { ...small, corpus: { include: ["corpus"], onError: "skip" } });
    bench.worker.unscored.add("extended 1").add("base 4");
    const said = [];
    for (const stage of [prepareStage, significanceStage, selectStage, samplesStage]) said.push(await bench.run(stage));
    expect(bench.worker.jobs.find(({ kind }) => kind === "score")).toMatchObject({ onNonFinite: "skip" });
    expect(said[1]).toContain("of 4 documents scored, 2 left out");
    const samples = await readAll(join(bench.output("samples"), "samples.arrow"), "samples");
    expect([...new Set(samples.map(({ document }) => document))].sort()).toEqual([0, 2, 3, 5]);
  });

  it("tokenizes once, and scores only as many tokens as asked for", async () => {
    const bench = await upToSamples({ significance: { maxTokens: 1_000 } });
    expect(bench.worker.jobs.map(({ kind }) => kind)).toEqual(["tokenize", "score"]);
    const rows = await readAll(join(bench.output("significance"), "significance.arrow"), "significance");
    const scored = rows.reduce((sum, { score }) => sum + score.length, 0);
    expect(scored).toBeLessThanOrEqual(1_000);
    expect(scored).toBeGreaterThan(400);
  });

  it.each([
    ["warmup", { source: "warmup", steps: 3 }, ["tokenize", "train", "score"]],
    ["contrast", { source: "contrast", context: 16, stride: 1 }, ["tokenize", "score"]],
  ] as const)("takes the reference from %s", async (_, reference, kinds) => {
    const bench = await upToSamples({ significance: { reference, devices: { extended: "cuda:1" } } });
    expect(bench.worker.jobs.map(({ kind }) => kind)).toEqual(kinds);
    const score = bench.worker.jobs.find((job) => job.kind === "score");
    if (reference.source === "contrast")
      expect(score).toMatchObject({
        window: 64,
        models: [
          { name: "base", context: 16, stride: 1 },
          { name: "extended", device: "cuda:1" },
        ],
      });
    else expect(score?.models[1]?.model.path).toMatch(/warmup[\\/]model$/u);
  });

  it("lets documents go on without scores where bad ones are skipped", async () => {
    const asked = async (corpus: RecipeInput["corpus"]): Promise<unknown> =>
      (await upToSamples({ corpus })).worker.jobs.find((job) => job.kind === "score");
    expect(await asked({ include: ["corpus"], onError: "skip" })).toMatchObject({ onNonFinite: "skip" });
    expect(await asked({ include: ["corpus"] })).not.toHaveProperty("onNonFinite");
    // By the source that a document is from: six documents of the first, then twenty.
    const mixed = await asked([{ include: ["corpus"], onError: "skip" }, { include: ["general"] }]);
    expect(mixed).toMatchObject({ onNonFinite: "skip", strict: [{ first: 6, end: 26 }] });
  });

  it("says so where a source holds nothing but repeats of an earlier one", async () => {
    const corpus = [{ include: ["corpus"] }, { include: ["again"] }];
    await mkdir(join(folder, "again"));
    await copyFile(join(folder, "corpus", "0.txt"), join(folder, "again", "0.txt"));
    await expect(new StageBench(folder, { ...small, corpus, deduplication: { enabled: true } }).run(prepareStage)).rejects.toMatchObject({
      code: "corpus-empty",
      remedy: expect.stringContaining("deduplication.enabled") as string,
    });
  });

  it("counts documents without scores beside the corpus that tells them", async () => {
    const bench = new StageBench(folder, { ...small, corpus: [{ include: ["corpus"], onError: "skip" }, { include: ["general"] }] });
    bench.worker.unscored.add("base 1");
    for (const stage of [prepareStage, significanceStage]) await bench.run(stage);
    const summary: unknown = JSON.parse(await readFile(join(bench.output("significance"), "summary.json"), "utf8"));
    expect(summary).toMatchObject({ documents: 25, withoutScores: 1 });
  });

  it("weights tokens by their significance where that is the objective, and changes nothing else", async () => {
    const plain = await readAll(join((await upToSamples({})).output("samples"), "samples.arrow"), "samples");
    const bench = await upToSamples({ training: { ...small.training, objective: "significance" } });
    const weighted = await readAll(join(bench.output("samples"), "samples.arrow"), "weightedSamples");
    const found: Record<"number" | "other", number[]> = { number: [], other: [] };
    weighted.forEach(({ weights, ...sample }, at) => {
      expect(sample).toEqual(plain[at]);
      expect(weights.length).toBe(sample.ids.length);
      expect(weights.reduce((sum, weight) => sum + weight, 0) / weights.length).toBeCloseTo(1, 5);
      sample.ids.forEach((id, token) => {
        if (weights[token] !== 1) found[/^\s*\d+$/u.test(bench.worker.text([id])) ? "number" : "other"].push(weights[token]!);
      });
    });
    // The extended model gains on numbers alone; every other token scores 0.
    expect(found.number.length).toBeGreaterThan(50);
    expect(Math.min(...found.number)).toBeGreaterThan(1);
    expect(Math.max(...found.other)).toBeLessThan(1);
    expect(await readdir(bench.output("samples"))).toEqual(expect.not.arrayContaining([expect.stringMatching(/scores|weighted/u)]));
  });

  it("gives the same samples for the same seed, and others for another", async () => {
    const read = async (bench: StageBench) => readFile(join(bench.output("samples"), "samples.arrow"));
    const first = await read(await upToSamples({}));
    expect((await read(await upToSamples({}))).equals(first)).toBe(true);
    expect((await read(await upToSamples({ seed: 1 }))).equals(first)).toBe(false);
  });
});

describe("inputs of the stages", () => {
  it("change with the corpus, and not with the evaluation", async () => {
    const inputs = async (recipe: Partial<RecipeInput>) => {
      const bench = new StageBench(folder, { ...small, ...recipe });
      return Promise.all(
        [prepareStage, significanceStage, selectStage, samplesStage, evaluateStage].map((stage) => stage.inputs(bench.context(stage.name))),
      );
    };
    const before = await inputs({});
    const evaluated = await inputs({ evaluation: { needle: { trials: 9 } } });
    expect(evaluated.slice(0, 4)).toEqual(before.slice(0, 4));
    expect(evaluated[4]).not.toEqual(before[4]);
    expect(JSON.stringify(before)).not.toContain(folder);
    await writeFile(join(folder, "corpus", "0.txt"), "Something else entirely.");
    expect((await inputs({}))[0]).not.toEqual(before[0]);
  });
});

describe("evaluate", () => {
  it("asks every model the same prompts, of exact length, and writes results and reports", async () => {
    const bench = await upToSamples({});
    const line = await bench.run(evaluateStage);
    expect(line).toBe("merged 100 % of needles beyond W, base 0 %");
    const results = resultsSchema.parse(JSON.parse(await readFile(join(bench.output("evaluate"), "results.json"), "utf8")));
    const needles = results.rows.filter(({ task }) => task === "needle");
    expect([...new Set(needles.map(({ model }) => model))]).toEqual(["base", "rope", "extended", "merged"]);
    const hashes = (model: string) => needles.filter((row) => row.model === model).map(({ promptHash }) => promptHash);
    expect(new Set(hashes("base")).size).toBe(hashes("base").length);
    expect(hashes("merged")).toEqual(hashes("base"));
    const prompts = await readAll(join(bench.output("evaluate"), "prompts.arrow"), "prompts");
    const lines = (await readFile(join(bench.output("evaluate"), "prompts.jsonl"), "utf8")).trim().split("\n");
    prompts.forEach(({ prompt, ids }, at) => {
      const told = JSON.parse(lines[at]!) as { length: number; text: string; needles: string[]; question: string };
      expect(prompt).toBe(at);
      expect(ids.length).toBe(told.length);
      expect(bench.worker.text(ids)).toBe(told.text);
      expect(told.text).toContain(told.needles[0]);
      expect(told.text.endsWith(told.question)).toBe(true);
    });
    const measured = results.rows.filter(({ task, model }) => task === "perplexity" && model === "base");
    expect(new Set(measured.map(({ trial }) => trial)).size).toBe(3);
    // Three documents of T tokens, less their first.
    expect(measured.reduce((sum, { tokens = 0 }) => sum + tokens, 0)).toBe(3 * 255);
    expect(bench.events.filter(({ kind }) => kind === "result")).toHaveLength(2);
    expect(await readFile(join(bench.output("evaluate"), "report.html"), "utf8")).toContain("merged");
  });

  it("warns of lengths and documents that are too short, and goes on", async () => {
    const bench = await upToSamples({
      evaluation: { needle: { lengths: [16, 64], trials: 1, depths: [0.5] }, perplexity: { documents: 50 } },
    });
    await bench.run(evaluateStage);
    const warnings = bench.events.flatMap((event) => (event.kind === "log" && event.level === "warning" ? [event.message] : []));
    expect(warnings).toEqual([expect.stringContaining("Prompts of 16 tokens"), expect.stringContaining("only 6 of 50 documents")]);
  });

  it("evaluates the models there are", async () => {
    const bench = await upToSamples({ evaluation: { ...small.evaluation, ropeOnly: false } });
    for (const stage of ["extend", "merge"] as const) bench.skipped.add(stage);
    await bench.run(evaluateStage);
    const generate = bench.worker.jobs.find((job) => job.kind === "generate");
    expect(generate?.models.map(({ name }) => name)).toEqual(["base"]);
  });

  it("is skipped where nothing is evaluated", () => {
    const bench = new StageBench(folder, { evaluation: { needle: { enabled: false }, perplexity: { enabled: false } } });
    expect(evaluateStage.skip(bench.context("evaluate"))).not.toBeNull();
  });
});

describe("evaluate with more than needles", () => {
  const needle = {
    kinds: ["sentence", "passkey", "multi"] as const,
    trials: 3,
    depths: [0, 1],
    lengths: [128],
    haystacks: "shared" as const,
  };

  it("asks every kind, also of further models, and leaves out what is beyond their windows", async () => {
    const bench = await upToSamples({
      evaluation: {
        ...small.evaluation,
        needle: { ...needle, kinds: [...needle.kinds], lengths: [128, 256] },
        models: [{ name: "other", path: "elsewhere" }],
      },
    });
    bench.further.set("other", { ...bench.inspection, path: "elsewhere", window: 200, tokenizerHash: "u", promptPrefix: [1, 2, 3] });
    await bench.run(evaluateStage);
    const results = await resultsOf(bench);
    expect(new Set(results.rows.map(({ task }) => task))).toEqual(new Set(["needle", "needle-passkey", "needle-multi", "perplexity"]));
    const other = results.rows.filter(({ model }) => model === "other");
    expect(new Set(other.map(({ length, promptTokens }) => `${length} ${promptTokens}`))).toEqual(new Set(["128 130", "128 131"]));
    const hashes = (model: string) =>
      results.rows.filter((row) => row.model === model && row.length === 128 && row.depth !== null).map(({ promptHash }) => promptHash);
    expect(hashes("other")).toEqual(hashes("base"));
    expect(results.missing).toEqual([
      ...["needle", "needle-passkey", "needle-multi"].map((task) => ({
        model: "other",
        task,
        length: 256,
        count: 6,
        reason: expect.stringMatching(/^Its window of 200 tokens is shorter than prompt \d+ \(/u) as string,
      })),
      expect.objectContaining({ model: "other", task: "perplexity" }),
    ]);
    const warned = bench.events.filter((event) => event.kind === "log" && event.level === "warning" && event.message.includes("other"));
    expect(warned).toHaveLength(4);
  });

  it("says what a model with non-finite logits did not answer, and keeps none of it for other runs", async () => {
    const bench = await upToSamples({ evaluation: { ...small.evaluation, needle: { ...needle, kinds: ["sentence"], haystacks: "own" } } });
    bench.worker.unanswered.add("base 2");
    await bench.run(evaluateStage);
    const results = await resultsOf(bench);
    const counts = (model: string) => results.rows.filter((row) => row.model === model && row.task === "needle").length;
    expect([counts("base"), counts("merged")]).toEqual([5, 6]);
    expect(results.missing).toEqual([
      {
        model: "base",
        task: "needle",
        length: 128,
        count: 1,
        reason: expect.stringContaining("not finite (NaN or infinite) for prompt 2 (needle, 128 tokens, depth 0, trial 3,") as string,
      },
    ]);
    const kept = await readdir(join(folder, ".evaluated"));
    // Answers and scores of `rope`, scores of `base`.
    expect(kept).toHaveLength(3);
  });

  it("names every server that does not answer, with what to do, once all others are asked", async () => {
    const locked = await fakeServer((_, response) => failure(response, 401, { message: "no" }));
    const server = (url: string) => ({ url, model: "m", retries: 0 });
    const models = [
      { name: "gone", server: server("http://127.0.0.1:9/v1") },
      { name: "locked", server: server(locked.url) },
    ];
    const bench = await upToSamples({
      evaluation: { ...small.evaluation, needle: { ...needle, kinds: ["sentence"] }, perplexity: { enabled: false }, models },
    });
    const fault = await bench.run(evaluateStage).then(String, (error: unknown) => error);
    await locked.close();
    expect(fault).toMatchObject({ code: "server-several", exit: 2, remedy: expect.stringContaining("evaluate again") as string });
    const { message } = fault as UserError;
    expect(message).toMatch(/^2 servers do not answer:\n- The server of gone at .*cannot be reached.* Start the server/u);
    expect(message).toMatch(/\n- The server of locked at .*does not take the key.* Name a `key`/u);
    expect(new Set((await resultsOf(bench)).rows.map(({ model }) => model))).toContain("merged");
  });

  it("asks fewer prompts where it may stop early, and goes on with the rounds that are done", async () => {
    const evaluation = {
      needle: { ...needle, kinds: ["sentence"] as const, trials: 40 },
      perplexity: { enabled: false },
      stopEarly: { atLeast: 10, halfWidth: 0.12 },
    };
    const bench = await upToSamples({ evaluation: { ...evaluation, needle: { ...evaluation.needle, kinds: ["sentence"] } } });
    await bench.run(evaluateStage);
    const rows = (await resultsOf(bench)).rows;
    const jobs = bench.worker.jobs.filter(({ kind }) => kind === "generate").length;
    expect(jobs).toBeGreaterThan(1);
    const asked = rows.filter(({ model }) => model === "merged").length;
    expect(asked).toBeGreaterThanOrEqual(10);
    expect(asked).toBeLessThan(40);
    expect(rows.filter(({ model }) => model === "base")).toHaveLength(asked);
    await bench.run(evaluateStage);
    expect((await resultsOf(bench)).rows).toEqual(rows);
  });

  async function resultsOf(bench: StageBench) {
    return resultsSchema.parse(JSON.parse(await readFile(join(bench.output("evaluate"), "results.json"), "utf8")));
  }
});

describe("the key of an evaluation", () => {
  it("holds every setting, whether it was written or left to its default", async () => {
    const bench = (evaluation: RecipeInput["evaluation"]) => new StageBench(folder, { ...small, evaluation }).context("evaluate");
    const inputs = (evaluation: RecipeInput["evaluation"]) => evaluateStage.inputs(bench(evaluation));
    const context = bench({ needle: { trials: 2 } });
    const plain = await evaluateStage.inputs(context);
    expect(plain).toMatchObject({ evaluation: context.recipe.evaluation });
    expect(await inputs({ needle: { trials: 2, kinds: ["sentence"] }, engine: "auto", models: [] })).toEqual(plain);
    expect(await inputs({ needle: { trials: 2, kinds: ["uuid"] } })).not.toEqual(plain);
    expect(await inputs({ needle: { trials: 2 }, stopEarly: {} })).not.toEqual(plain);
    expect(await inputs({ needle: { trials: 2 }, engine: "vllm" })).not.toEqual(plain);
  });
});
