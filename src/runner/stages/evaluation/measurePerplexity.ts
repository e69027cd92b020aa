/** Perplexity by position: held-out documents scored by every model. */
import { join } from "node:path";
import type { Missing, ResultRow } from "../../../protocol/results.js";
import { hashOf } from "../../cacheKey.js";
import { readAll } from "../../tables/reader.js";
import { writeTable } from "../../tables/writer.js";
import type { BenchmarkContext } from "./benchmark.js";
import { withCache, type EvaluatedModel } from "./cache.js";
import { evaluationCorpora, readHeldOut } from "./corpora.js";
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
  return { rows: await scoreDocuments(context, comparable, measured), missing };
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
): Promise<ResultRow[]> {
  const tokens = join(tools.directory, "measured-tokens.arrow");
  await writeTable(tokens, "tokens", async (writer) => {
    // Offsets are of no use to scoring.
    for (const { document, ids } of measured) await writer.append({ document, ids, starts: ids, ends: ids });
  });
  await withCache({
    cache: task.cache,
    models,
    question: { kind: "score", window: task.targetLength, documents: measured.map(({ ids }) => hashOf([...ids])) },
    table: (name) => join(tools.directory, `scores-${name}.arrow`),
    work: (missing) =>
      tools.runJob({
        kind: "score",
        tokens,
        models: [...missing],
        window: task.targetLength,
        // No document is longer than the window: none is cut.
        minContext: 0,
        output: tools.directory,
      }),
  });
  const rows: ResultRow[] = [];
  for (const { name } of models) {
    const scores = await readAll(join(tools.directory, `scores-${name}.arrow`), "scores");
    const byDocument = new Map(scores.map(({ document, logprob }) => [document, logprob]));
    measured.forEach((found, trial) => {
      const logprob = byDocument.get(found.document);
      if (logprob === undefined) throw new Error(`${name} has no scores for document ${found.document}`);
      rows.push(...perplexityRows(name, found, trial, logprob, task.window, task.targetLength));
    });
  }
  return rows;
}
