/** Stage 2: how much each token's score changes from the base to the extended reference. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SignificanceSummary } from "../../protocol/corpusSummary.js";
import { corpusSources } from "../../protocol/recipe.js";
import type { JobRequest, Stage, StageContext } from "../stage.js";
import { Random } from "../../recipe/random.js";
import { ropeParameters } from "../../recipe/rope.js";
import { scoringWindow, significance } from "../../recipe/significance.js";
import { readRows } from "../tables/reader.js";
import { writeTable } from "../tables/writer.js";
import { prepareFiles, significanceFile, significanceSummaryFile } from "./files.js";
import { DocumentCursor } from "./join.js";
import { documentRanges, readPrepareSummary } from "./prepareSummary.js";
import { progressReporter } from "./progress.js";
import { trainWarmup } from "./warmup.js";

type ScoredModel = Extract<JobRequest, { kind: "score" }>["models"][number];

export const significanceStage: Stage = {
  name: "significance",
  skip: () => null,
  inputs({ recipe, models }) {
    // Where the models are scored does not change their scores: JSON leaves it out.
    const settings = { ...recipe.significance, devices: undefined };
    const { rope, positions, targetLength, trainedLength, training, seed } = recipe;
    const source = settings.reference.source;
    return Promise.resolve({
      settings,
      // Runs that differ in their seed alone share the scores, unless it chooses documents or trains the reference.
      seed: settings.maxTokens !== undefined || source === "warmup" ? seed : null,
      targetLength,
      base: models.base.contentHash,
      reference: models.reference?.contentHash ?? null,
      rope: source === "rope" || source === "warmup" ? rope : null,
      warmup: source === "warmup" ? { positions, trainedLength, lora: training.lora } : null,
    });
  },
  async run(context) {
    const { recipe, directory, models } = context;
    const tokens = await scoredTokens(context);
    const window = scoringWindow(recipe, models.base.window);
    const minContext = Math.min(recipe.significance.minContext ?? Math.floor(window / 2), window - 1);
    await context.runJob({
      kind: "score",
      tokens,
      documents: join(context.outputOf("prepare"), prepareFiles.documents),
      models: await scoredModels(context),
      window,
      minContext,
      ...(await badDocuments(context)),
      output: directory,
    });
    const scored = await joinScores(context, tokens);
    for (const name of ["base", "extended"]) await rm(join(directory, `scores-${name}.arrow`));
    await writeFile(join(directory, significanceSummaryFile), `${JSON.stringify(scored, null, 2)}\n`);
    const left = scored.withoutScores === 0 ? "" : `, ${scored.withoutScores} left out: a model gave no scores for them`;
    return `${scored.tokens.toLocaleString("en-US")} tokens of ${scored.documents} documents scored${left}`;
  },
};

/** What a document without scores means, by what the source that it comes from says of bad ones. */
async function badDocuments(context: StageContext): Promise<Pick<Extract<JobRequest, { kind: "score" }>, "onNonFinite" | "strict">> {
  const sources = corpusSources(context.recipe.corpus);
  const strict = sources.map(({ source }) => source.onError === "fail");
  if (strict.every(Boolean)) return {};
  if (!strict.some(Boolean)) return { onNonFinite: "skip" };
  const ranges = documentRanges((await readPrepareSummary(context.outputOf("prepare"))).sources, 0);
  // A table that does not say where its documents come from is older than lists of sources.
  return ranges.length === sources.length ? { onNonFinite: "skip", strict: ranges.filter((_, place) => strict[place]) } : {};
}

/** The tokens to score: all, or whole documents in seeded order up to `maxTokens`. */
async function scoredTokens(context: StageContext): Promise<string> {
  const { recipe, directory } = context;
  const all = join(context.outputOf("prepare"), prepareFiles.tokens);
  const { maxTokens } = recipe.significance;
  if (maxTokens === undefined) return all;
  const sizes: [number, number][] = [];
  for await (const { document, ids } of readRows(all, "tokens")) sizes.push([document, ids.length]);
  const chosen = new Set<number>();
  let total = 0;
  for (const [document, size] of new Random(recipe.seed, "significance").shuffle(sizes)) {
    if (chosen.size > 0 && total + size > maxTokens) continue;
    chosen.add(document);
    total += size;
  }
  const subset = join(directory, "scored-tokens.arrow");
  await writeTable(subset, "tokens", async (writer) => {
    for await (const row of readRows(all, "tokens")) if (chosen.has(row.document)) await writer.append(row);
  });
  return subset;
}

/** Base and extended reference, named `base` and `extended`, each where the recipe wants it. */
async function scoredModels(context: StageContext): Promise<ScoredModel[]> {
  const { devices } = context.recipe.significance;
  const [base, extended] = await referenceModels(context);
  return [
    { ...base, ...(devices?.base === undefined ? {} : { device: devices.base }) },
    { ...extended, ...(devices?.extended === undefined ? {} : { device: devices.extended }) },
  ];
}

async function referenceModels(context: StageContext): Promise<[ScoredModel, ScoredModel]> {
  const { recipe, models } = context;
  const path = models.base.path;
  const base = { name: "base", model: { path } };
  const { reference } = recipe.significance;
  switch (reference.source) {
    case "rope":
      return [base, { name: "extended", model: { path, rope: ropeParameters(recipe.rope, models.base, recipe.targetLength) } }];
    case "checkpoint":
      return [base, { name: "extended", model: { path: models.reference?.path ?? reference.model } }];
    case "warmup":
      return [base, { name: "extended", model: { path: await trainWarmup(context, reference) } }];
    case "contrast":
      return [
        { ...base, context: reference.context, ...(reference.stride === undefined ? {} : { stride: reference.stride }) },
        { name: "extended", model: { path } },
      ];
  }
}

async function joinScores(context: StageContext, tokens: string): Promise<SignificanceSummary> {
  const { directory, recipe } = context;
  const documents = new DocumentCursor(join(context.outputOf("prepare"), prepareFiles.documents), "documents");
  const base = new DocumentCursor(join(directory, "scores-base.arrow"), "scores");
  const extended = new DocumentCursor(join(directory, "scores-extended.arrow"), "scores");
  const totals = { tokens: 0, documents: 0, withoutScores: 0 };
  const report = progressReporter(context, 0, "documents");
  await writeTable(join(directory, significanceFile), "significance", async (writer) => {
    for await (const { document, ids, starts, ends } of readRows(tokens, "tokens")) {
      const { path, hash } = await documents.take(document);
      const before = await base.take(document);
      const after = await extended.take(document);
      const score = significance(before, after, recipe.significance.measure);
      // Not trained on either: what a model cannot score would give losses that are no numbers. Where it must not be, the job failed.
      if (score.subarray(1).some(Number.isNaN)) {
        totals.withoutScores++;
        continue;
      }
      await writer.append({ document, path, hash, starts, ends, score, base: before.logprob, extended: after.logprob });
      totals.tokens += ids.length;
      totals.documents++;
      report(totals.documents);
    }
  });
  await Promise.all([documents.close(), base.close(), extended.close()]);
  return totals;
}
