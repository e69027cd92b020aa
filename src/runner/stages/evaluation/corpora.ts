/** The held-out corpora of an evaluation, and their text. */
import type { Corpus } from "../../../protocol/recipe.js";
import { hashOf } from "../../cacheKey.js";
import type { EvaluationTask, EvaluationTools } from "./benchmark.js";
import { Omissions, omissionText } from "../omissions.js";
import { heldOutTexts } from "./heldOut.js";
import type { TokenizedText, Tokenizer } from "./tokenizer.js";

/** A corpus with its key path in the recipe, for messages. */
export interface NamedCorpus {
  readonly key: string;
  readonly corpus: Corpus;
}

/** The corpora that an evaluation reads, with their key paths. */
export function evaluationCorpora(
  task: Pick<EvaluationTask, "evaluation" | "corpus">,
): Record<"haystack" | "perplexity" | "ruler", NamedCorpus> {
  const { needle, perplexity, ruler } = task.evaluation;
  const own = { key: "corpus", corpus: task.corpus };
  const haystack = needle.haystack === undefined ? own : { key: "evaluation.needle.haystack", corpus: needle.haystack };
  const measured = perplexity.corpus === undefined ? haystack : { key: "evaluation.perplexity.corpus", corpus: perplexity.corpus };
  const essays = ruler.haystack === undefined ? haystack : { key: "evaluation.ruler.haystack", corpus: ruler.haystack };
  return { haystack, perplexity: measured, ruler: essays };
}

/** Characters of text per token that are surely enough to fill a prompt. */
const generousCharacters = 12;

/** Held-out text of a corpus: enough for `documents` documents of the target length. What is left out is told and counted. */
export async function readHeldOut(
  tools: Pick<EvaluationTools, "recipeDirectory" | "emit">,
  task: Pick<EvaluationTask, "targetLength" | "seed">,
  { key, corpus }: NamedCorpus,
  documents: number,
): Promise<string[]> {
  const longest = task.targetLength * generousCharacters;
  const omissions = new Omissions((event) => {
    tools.emit(event);
  });
  const found = await heldOutTexts(corpus, {
    recipeDirectory: tools.recipeDirectory,
    key,
    seed: task.seed,
    characters: longest * documents,
    longest,
    omit: omissions.add,
  });
  const omitted = omissions.result();
  if (omitted.unreadable > 0) tools.emit({ kind: "log", level: "warning", message: `${key}: ${omissionText([omitted])}.` });
  return found.map(({ text }) => text);
}

/** Documents that are read for haystacks: prompts draw their text from all of them. */
const haystackDocuments = 8;

/** @returns haystacks by corpus, each read and tokenized when it is first asked for */
export function haystacks(
  tools: EvaluationTools,
  task: EvaluationTask,
  tokenizer: Tokenizer,
): (own?: NamedCorpus) => Promise<readonly TokenizedText[]> {
  const known = new Map<string, Promise<readonly TokenizedText[]>>();
  return (own = evaluationCorpora(task).haystack) => {
    const name = hashOf(own.corpus);
    const found = known.get(name) ?? readHeldOut(tools, task, own, haystackDocuments).then((texts) => tokenizer.tokenize(texts));
    known.set(name, found);
    return found;
  };
}
