/** Held-out text for the validation while training, tokenized. */
import type { StageContext } from "../stage.js";
import { evaluationCorpora, readHeldOut } from "./evaluation/corpora.js";
import { workerTokenizer, type TokenizedText } from "./evaluation/tokenizer.js";

export interface ValidationTexts {
  readonly haystack: readonly TokenizedText[];
  readonly measured: readonly TokenizedText[];
  readonly facts: ReadonlyMap<string, TokenizedText>;
}

/**
 * Reads held-out text and tokenizes it with the facts of the prompts, in one job.
 * @param count documents that will be measured
 */
export async function tokenizedTexts(
  context: StageContext,
  folder: string,
  count: number,
  facts: string[],
  seed: number,
): Promise<ValidationTexts> {
  const { recipe } = context;
  const corpora = evaluationCorpora(recipe);
  const lengths = { targetLength: recipe.targetLength, seed };
  const tokenizer = workerTokenizer({ directory: folder, runJob: (job) => context.runJob(job) }, context.models.base.path);
  const haystack = facts.length === 0 ? [] : await readHeldOut(context, lengths, corpora.haystack, 4);
  // More than are measured, so that there are some of full length among them.
  const held = await readHeldOut(context, lengths, corpora.perplexity, 4 * count);
  const [stack, measured, known] = await Promise.all([haystack, held, facts].map((texts) => tokenizer.tokenize(texts)));
  return {
    haystack: stack ?? [],
    measured: (measured ?? []).filter(({ ids }) => ids.length > 1),
    facts: new Map((known ?? []).map((text) => [text.text, text])),
  };
}
