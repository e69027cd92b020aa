/** Perplexity by position: held-out documents scored by every model. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Missing, ResultRow } from "../../../protocol/results.js";
import { hashOf } from "../../cacheKey.js";
import { readAll } from "../../tables/reader.js";
import { writeTable } from "../../tables/writer.js";
import type { BenchmarkContext } from "./benchmark.js";
import { withCache, type EvaluatedModel } from "./cache.js";
import { contrastRows, type ContrastScores } from "./contrast.js";
import { evaluationCorpora, readHeldOut } from "./corpora.js";
import { distanceRows } from "./distance.js";
import { measuredDocuments, perplexityRows, type MeasuredDocument } from "./perplexityTask.js";

export interface Measured {
  readonly rows: ResultRow[];
  readonly missing: Missing[];
}

/** Scores the documents under every model that shares the task's tokenizer: tokens of others are others. */
export async function measurePerplexity(context: BenchmarkContext): Promise<Measured> {
  const { tools, task, tokenizer } = context;
  const { documents: wanted } = task.evaluation.perplexity;
  // More than are measured, so that there are some of full length among them.
  const texts = await tokenizer.tokenize(await readHeldOut(tools, task, evaluationCorpora(task).perplexity, 4 * wanted));
  const measured = measuredDocuments(
    texts.map(({ ids }, document) => ({ document, ids })),
    wanted,
    task.targetLength,
  );
  const whole = measured.filter(({ ids }) => ids.length === task.targetLength).length;
  if (whole < wanted) {
    const message = `Perplexity: only ${whole} of ${wanted} documents reach ${task.targetLength} tokens; ${measured.length - whole} shorter ones are measured as far as they go.`;
    tools.emit({ kind: "log", level: "warning", message });
  }
  const comparable = task.models.filter((model) => model.otherTokens !== true);
  const missing = task.models.flatMap((model) => (comparable.includes(model) ? [] : [incomparable(model, measured.length)]));
  if (measured.length === 0 || comparable.length === 0) return { rows: [], missing };
  const found = await scoreDocuments(context, comparable, measured);
  return { rows: found.rows, missing: [...missing, ...found.missing] };
}

function incomparable({ name }: EvaluatedModel, documents: number): Missing {
  return {
    model: name,
    task: "perplexity",
    length: null,
    count: Math.max(1, documents),
    reason: `The tokenizer of ${name} is another: its perplexity by token could not be compared.`,
  };
}

async function scoreDocuments(
  { tools, task }: BenchmarkContext,
  models: readonly EvaluatedModel[],
  measured: readonly MeasuredDocument[],
): Promise<Measured> {
  const { window, targetLength } = task;
  const { byDistance, contrast } = task.evaluation.perplexity;
  const tokens = join(tools.directory, "measured-tokens.arrow");
  await writeTable(tokens, "tokens", async (writer) => {
    // Offsets are of no use to scoring.
    for (const { document, ids } of measured) await writer.append({ document, ids, starts: ids, ends: ids });
  });
  const full = await scoresOf({ tools, task }, models, measured, tokens, null);
  const rows: ResultRow[] = [];
  for (const { name } of models) {
    full.get(name)?.forEach((logprob, trial) => {
      const found = measured[trial];
      if (found === undefined) return;
      rows.push(...perplexityRows(name, found, trial, logprob, window, targetLength));
      if (byDistance) rows.push(...distanceRows(name, found, trial, logprob, targetLength));
    });
  }
  // Nothing is farther away than the whole of a document.
  if (contrast !== undefined && contrast < targetLength - 1) {
    const near = await scoresOf({ tools, task }, models, measured, tokens, contrast);
    const both = models.map(({ name }): ContrastScores => ({ model: name, full: full.get(name) ?? [], near: near.get(name) ?? [] }));
    rows.push(...contrastRows(both, measured, { context: contrast, window, target: targetLength }));
  }
  return { rows, missing: models.flatMap(({ name }) => unscored(name, full.get(name) ?? [])) };
}

type ScoresByModel = ReadonlyMap<string, readonly Float32Array[]>;

/**
 * Log-probabilities of every document under every model.
 * @param context tokens that each token sees at most; null: all before it
 */
async function scoresOf(
  { tools, task }: Pick<BenchmarkContext, "tools" | "task">,
  models: readonly EvaluatedModel[],
  measured: readonly MeasuredDocument[],
  tokens: string,
  context: number | null,
): Promise<ScoresByModel> {
  const output = context === null ? tools.directory : join(tools.directory, "near");
  await mkdir(output, { recursive: true });
  const near = context === null ? {} : { context };
  await withCache({
    cache: task.cache,
    models,
    question: { kind: "score", window: task.targetLength, ...near, documents: measured.map(({ ids }) => hashOf([...ids])) },
    table: (name) => join(output, `scores-${name}.arrow`),
    work: (missing) =>
      tools.runJob({
        kind: "score",
        tokens,
        models: missing.map((model) => ({ ...model, ...near })),
        window: task.targetLength,
        // No document is longer than the window: none is cut.
        minContext: 0,
        onNonFinite: "skip",
        output,
      }),
  });
  const scores = new Map<string, Float32Array[]>();
  for (const { name } of models) {
    const rows = await readAll(join(output, `scores-${name}.arrow`), "scores");
    const byDocument = new Map(rows.map(({ document, logprob }) => [document, logprob]));
    const own = measured.map(({ document }) => {
      const found = byDocument.get(document);
      if (found === undefined) throw new Error(`${name} has no scores for document ${document}`);
      return found;
    });
    scores.set(name, own);
  }
  return scores;
}

/** Documents of which more than the first token has no score: the model's logits were not finite. */
function unscored(model: string, scores: readonly Float32Array[]): Missing[] {
  const bad = scores.flatMap((logprob, document) => (logprob.subarray(1).some((value) => Number.isNaN(value)) ? [document] : []));
  if (bad.length === 0) return [];
  const reason = `The logits of ${model} are not finite (NaN or infinite) within document ${(bad[0] ?? 0) + 1} of ${scores.length}: the perplexity is that of the other tokens.`;
  return [{ model, task: "perplexity", length: null, count: bad.length, reason }];
}
