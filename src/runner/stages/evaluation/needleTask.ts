/** The needle grid: prompts built, answered by every model, scored. */
import { exitCode, UserError } from "../../../protocol/errors.js";
import { needleLengths } from "../../../evaluation/lengths.js";
import {
  answerTokens,
  buildPrompt,
  haystackTokens,
  leastHaystack,
  planNeedles,
  scoreAnswer,
  type HaystackSentence,
  type NeedlePlan,
  type NeedlePrompt,
  type Piece,
} from "../../../evaluation/needle.js";
import type { NeedleSettings } from "../../../protocol/recipe.js";
import type { ResultRow } from "../../../protocol/results.js";
import { Random } from "../../../recipe/random.js";
import { segmentSentences, sentenceTokens } from "../../../recipe/sentences.js";
import type { TokenizedText } from "./tokenizer.js";

export type { TokenizedText };

/** Task name of needles without distractors in the results. */
export const singleNeedle = "needle-single";

export interface BuiltPrompt {
  readonly plan: NeedlePlan;
  readonly prompt: NeedlePrompt;
  /** Task in the results; left out: `needle`. */
  readonly task?: string;
}

/** Every prompt's facts, drawn from the seed. */
export function plansOf(settings: NeedleSettings, window: number, target: number, seed: number): NeedlePlan[] {
  return planNeedles(settings, needleLengths(settings, window, target), seed);
}

/** The texts to tokenize, each once. */
export function factTexts(plans: readonly NeedlePlan[]): string[] {
  return [...new Set(plans.flatMap(({ needle, distractors, question }) => [needle, question, ...distractors]))];
}

/**
 * Builds the prompts. Lengths that cannot hold the facts are left out and returned, to be told.
 * @param facts tokenized fact texts, by text
 */
export function buildPrompts(
  plans: readonly NeedlePlan[],
  facts: ReadonlyMap<string, TokenizedText>,
  haystack: readonly TokenizedText[],
  seed: number,
): { prompts: BuiltPrompt[]; tooShort: number[] } {
  const documents = haystack.map(documentSentences).filter((sentences) => sentences.length > 0);
  if (documents.length === 0) {
    throw new UserError(
      "haystack-empty",
      "The haystack holds no tokens.",
      "Choose other files in evaluation.needle.haystack.",
      exitCode.badInput,
    );
  }
  const prompts: BuiltPrompt[] = [];
  const tooShort = new Set<number>();
  for (const plan of plans) {
    const tokenized = {
      needle: factPiece(facts, plan.needle),
      question: factPiece(facts, plan.question),
      distractors: plan.distractors.map((text) => factPiece(facts, text)),
    };
    if (haystackTokens(tokenized, plan.length) < leastHaystack) {
      tooShort.add(plan.length);
      continue;
    }
    const random = new Random(seed, "haystack", plan.length, plan.depth, plan.trial);
    const prompt = buildPrompt(tokenized, plan.length, plan.depth, runningSentences(documents, random), random);
    prompts.push({ plan: { ...plan, prompt: prompts.length }, prompt });
  }
  return { prompts, tooShort: [...tooShort] };
}

function factPiece(facts: ReadonlyMap<string, TokenizedText>, text: string): Piece {
  const found = facts.get(text);
  if (found === undefined) throw new Error(`not tokenized: ${text}`);
  return { ids: found.ids, text };
}

/**
 * Sentences of a document, each with the blank tokens before it rather than after: a fact that is put in between then
 * ends the paragraph before, and the next one begins as it did.
 */
function documentSentences({ text, ids, starts, ends }: TokenizedText): HaystackSentence[] {
  const firsts = sentenceTokens(text, segmentSentences(text), starts, ends);
  const isBlank = (token: number): boolean => !/\S/u.test(text.slice(starts[token], ends[token]));
  for (let sentence = 1; sentence < firsts.length; sentence++) {
    let first = firsts[sentence] ?? 0;
    while (first - 1 > (firsts[sentence - 1] ?? 0) && isBlank(first - 1)) first--;
    firsts[sentence] = first;
  }
  return Array.from(firsts, (first, sentence) => {
    const end = firsts[sentence + 1] ?? ids.length;
    // Sentences tile the text: each begins where the one before it ended.
    const from = sentence === 0 ? 0 : (starts[first] ?? 0);
    const to = end < ids.length ? (starts[end] ?? text.length) : text.length;
    return { ids: ids.subarray(first, end), text: text.slice(from, to), starts: starts.slice(first, end).map((start) => start - from) };
  });
}

/** Sentences from a random place on, document after document in random order, over and over: the text may repeat. */
function* runningSentences(documents: readonly (readonly HaystackSentence[])[], random: Random): Generator<HaystackSentence> {
  const order = random.shuffle(documents.map((_, at) => at));
  const [start = 0] = order;
  const first = documents[start] ?? [];
  yield* first.slice(random.integer(0, first.length - 1));
  for (;;) {
    for (const at of order.slice(1)) yield* documents[at] ?? [];
    yield* first;
  }
}

/** New tokens to generate for an answer. */
export { answerTokens };

/** One row for each prompt of one model. */
export function needleRows(model: string, prompts: readonly BuiltPrompt[], answers: ReadonlyMap<number, string>): ResultRow[] {
  return prompts.map(({ plan, prompt, task = "needle" }) => {
    const answer = answers.get(plan.prompt);
    if (answer === undefined) throw new Error(`${model} gave no answer to prompt ${plan.prompt}`);
    return {
      model,
      task,
      length: plan.length,
      depth: plan.depth,
      trial: plan.trial,
      promptHash: prompt.hash,
      answer,
      expected: plan.expected,
      score: scoreAnswer(answer, plan.expected),
    };
  });
}
