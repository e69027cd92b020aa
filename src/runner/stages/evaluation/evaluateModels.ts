/** Evaluation of any models side by side: the same prompts and documents for all. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { Corpus, NeedleSettings } from "../../../protocol/recipe.js";
import type { ResultRow, Results } from "../../../protocol/results.js";
import { hashOf } from "../../cacheKey.js";
import { readAll, readRows } from "../../tables/reader.js";
import { writeTable } from "../../tables/writer.js";
import type { EvaluationTask, EvaluationTools } from "./benchmark.js";
import { withCache } from "./cache.js";
import { evaluationFiles } from "../files.js";
import { heldOutTexts, type HeldOutText } from "./heldOut.js";
import {
  answerTokens,
  buildPrompts,
  factTexts,
  needleRows,
  plansOf,
  singleNeedle,
  type BuiltPrompt,
  type TokenizedText,
} from "./needleTask.js";
import { measuredDocuments, perplexityRows, type MeasuredDocument } from "./perplexityTask.js";

/** The corpora that an evaluation reads, with their key paths. */
export function evaluationCorpora(
  task: Pick<EvaluationTask, "evaluation" | "corpus">,
): Record<"haystack" | "perplexity", { key: string; corpus: Corpus }> {
  const { needle, perplexity } = task.evaluation;
  const own = { key: "corpus", corpus: task.corpus };
  const haystack = needle.haystack === undefined ? own : { key: "evaluation.needle.haystack", corpus: needle.haystack };
  const measured = perplexity.corpus === undefined ? haystack : { key: "evaluation.perplexity.corpus", corpus: perplexity.corpus };
  return { haystack, perplexity: measured };
}

/** Evaluates, and writes results.json (and the prompts) into `tools.directory`. */
export async function evaluateModels(tools: EvaluationTools, task: EvaluationTask): Promise<Results> {
  const texts = await tokenizeTexts(tools, task);
  const rows: ResultRow[] = [];
  if (task.evaluation.needle.enabled) rows.push(...(await runNeedles(tools, task, texts)));
  if (task.evaluation.perplexity.enabled) rows.push(...(await runPerplexity(tools, task, texts.measured)));
  const results: Results = { version: 1, run: task.run, window: task.window, targetLength: task.targetLength, rows };
  await writeFileAtomic(join(tools.directory, evaluationFiles.results), `${JSON.stringify(results, null, 1)}\n`);
  return results;
}

interface EvaluationTexts {
  readonly haystack: readonly TokenizedText[];
  readonly measured: readonly MeasuredDocument[];
  readonly facts: ReadonlyMap<string, TokenizedText>;
}

/** Characters of text per token that are surely enough to fill a prompt. */
const generousCharacters = 12;

/** One tokenize job for haystack, documents and facts. */
async function tokenizeTexts(tools: EvaluationTools, task: EvaluationTask): Promise<EvaluationTexts> {
  const { needle, perplexity } = task.evaluation;
  const corpora = evaluationCorpora(task);
  const longest = task.targetLength * generousCharacters;
  const read = (which: "haystack" | "perplexity", documents: number): Promise<HeldOutText[]> =>
    heldOutTexts(corpora[which].corpus, {
      recipeDirectory: tools.recipeDirectory,
      key: corpora[which].key,
      seed: task.seed,
      characters: longest * documents,
      longest,
    });
  const haystack = needle.enabled ? await read("haystack", 8) : [];
  const measured = perplexity.enabled ? await read("perplexity", 4 * perplexity.documents) : [];
  const facts = needle.enabled ? factTexts(plansOf(needle, task.window, task.targetLength, task.seed)) : [];
  const all = [...haystack, ...measured, ...facts.map((text) => ({ path: "(fact)", hash: "", text }))];
  const documents = join(tools.directory, "texts.arrow");
  const output = join(tools.directory, "texts-tokens.arrow");
  await writeTable(documents, "documents", async (writer) => {
    for (const text of all) await writer.append({ document: writer.count, ...text });
  });
  await tools.runJob({ kind: "tokenize", model: task.tokenizer.model, documents, output });
  const tokenized: TokenizedText[] = [];
  for await (const { document, ids, starts, ends } of readRows(output, "tokens")) {
    tokenized.push({ text: all[document]?.text ?? "", ids, starts, ends });
  }
  await Promise.all([rm(documents), rm(output)]);
  const rest = tokenized.slice(haystack.length + measured.length);
  return {
    haystack: tokenized.slice(0, haystack.length),
    measured: measuredDocuments(
      tokenized.slice(haystack.length, haystack.length + measured.length).map(({ ids }, document) => ({ document, ids })),
      perplexity.documents,
      task.targetLength,
    ),
    facts: new Map(rest.map((text) => [text.text, text])),
  };
}

async function runNeedles(tools: EvaluationTools, task: EvaluationTask, texts: EvaluationTexts): Promise<ResultRow[]> {
  const { needle } = task.evaluation;
  const { prompts, tooShort } = allPrompts(task, texts);
  for (const length of tooShort) {
    const message = `Prompts of ${length} tokens cannot hold the needle, its distractors and the question; this length is left out.`;
    tools.emit({ kind: "log", level: "warning", message });
  }
  if (prompts.length === 0) return [];
  await writePrompts(tools.directory, prompts);
  const maxNewTokens = answerTokens(needle);
  await withCache({
    cache: task.cache,
    models: task.models,
    question: { kind: "generate", maxNewTokens, prompts: prompts.map(({ prompt }) => prompt.hash) },
    table: (name) => join(tools.directory, `generations-${name}.arrow`),
    work: (models) =>
      tools.runJob({
        kind: "generate",
        models: [...models],
        prompts: join(tools.directory, evaluationFiles.prompts),
        maxNewTokens,
        output: tools.directory,
      }),
  });
  const rows: ResultRow[] = [];
  for (const { name } of task.models) {
    const answers = await readAll(join(tools.directory, `generations-${name}.arrow`), "generations");
    rows.push(...needleRows(name, prompts, new Map(answers.map(({ prompt, text }) => [prompt, text]))));
  }
  return rows;
}

/** Prompts with distractors and, where asked for, the same without; numbered through. */
function allPrompts(task: EvaluationTask, texts: EvaluationTexts): { prompts: BuiltPrompt[]; tooShort: number[] } {
  const { needle } = task.evaluation;
  const build = (settings: NeedleSettings) =>
    buildPrompts(plansOf(settings, task.window, task.targetLength, task.seed), texts.facts, texts.haystack, task.seed);
  const multi = build(needle);
  if (!needle.single) return multi;
  // The facts are drawn from the same random numbers: what is hidden is the same, and it is tokenized already.
  const alone = build({ ...needle, distractors: 0, distractorSpacing: undefined }).prompts.map(({ plan, prompt }, place) => ({
    plan: { ...plan, prompt: multi.prompts.length + place },
    prompt,
    task: singleNeedle,
  }));
  return { prompts: [...multi.prompts, ...alone], tooShort: multi.tooShort };
}

/** The prompts as ids for the worker, and as text for people. */
async function writePrompts(directory: string, prompts: readonly BuiltPrompt[]): Promise<void> {
  await writeTable(join(directory, evaluationFiles.prompts), "prompts", async (writer) => {
    for (const { plan, prompt } of prompts) await writer.append({ prompt: plan.prompt, ids: prompt.ids });
  });
  const lines = prompts.map(({ plan, prompt, task }) =>
    JSON.stringify({ ...plan, ...(task === undefined ? {} : { task }), hash: prompt.hash, needleAt: prompt.needleAt, text: prompt.text }),
  );
  await writeFileAtomic(join(directory, evaluationFiles.promptTexts), `${lines.join("\n")}\n`);
}

async function runPerplexity(tools: EvaluationTools, task: EvaluationTask, measured: readonly MeasuredDocument[]): Promise<ResultRow[]> {
  const { documents: wanted } = task.evaluation.perplexity;
  const whole = measured.filter(({ ids }) => ids.length === task.targetLength).length;
  if (whole < wanted) {
    const message = `Perplexity: only ${whole} of ${wanted} documents reach ${task.targetLength} tokens; ${measured.length - whole} shorter ones are measured as far as they go.`;
    tools.emit({ kind: "log", level: "warning", message });
  }
  if (measured.length === 0) return [];
  const tokens = join(tools.directory, "measured-tokens.arrow");
  await writeTable(tokens, "tokens", async (writer) => {
    // Offsets are of no use to scoring.
    for (const { document, ids } of measured) await writer.append({ document, ids, starts: ids, ends: ids });
  });
  await withCache({
    cache: task.cache,
    models: task.models,
    question: { kind: "score", window: task.targetLength, documents: measured.map(({ ids }) => hashOf([...ids])) },
    table: (name) => join(tools.directory, `scores-${name}.arrow`),
    work: (models) =>
      tools.runJob({
        kind: "score",
        tokens,
        models: [...models],
        window: task.targetLength,
        // No document is longer than the window: none is cut.
        minContext: 0,
        output: tools.directory,
      }),
  });
  const rows: ResultRow[] = [];
  for (const { name } of task.models) {
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
