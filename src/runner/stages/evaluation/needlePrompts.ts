/** Needle prompts put together from tokenized facts and held-out text. */
import { exitCode, UserError } from "../../../protocol/errors.js";
import {
  assemblePrompt,
  haystackTokens,
  hideFacts,
  leastHaystack,
  type HaystackSentence,
  type NeedlePrompt,
  type Piece,
} from "../../../evaluation/needle.js";
import type { AskedPlan, NeedlePlan } from "../../../evaluation/needlePlan.js";
import { Random } from "../../../recipe/random.js";
import { segmentSentences, sentenceTokens } from "../../../recipe/sentences.js";
import { ending, withPrefix, type Frame } from "./frame.js";
import type { TokenizedText } from "./tokenizer.js";

export interface BuiltPrompt {
  readonly plan: NeedlePlan;
  readonly asked: AskedPlan;
  readonly prompt: NeedlePrompt;
  /** The prompt without what the template puts around it and without the beginning of the answer. */
  readonly message: string;
  /** Token at which the (first) needle begins. */
  readonly needleAt: number;
}

/** The texts to tokenize, each once. */
export function factTexts(plans: readonly NeedlePlan[], frame: Frame): string[] {
  const texts = plans.flatMap((plan) => [
    headText(plan, frame),
    ...plan.needles.map(({ text }) => text),
    ...plan.asked.map((asked) => tailText(asked, frame)),
    ...plan.distractors,
  ]);
  return [...new Set(texts)].filter((text) => text !== "");
}

function headText({ intro }: NeedlePlan, frame: Frame): string {
  return `${frame.before}${intro}`;
}

/** Everything from the question on. */
export function tailText({ question, answerPrefix }: Pick<AskedPlan, "question" | "answerPrefix">, frame: Frame): string {
  return `${question}${ending(frame, answerPrefix)}`;
}

/**
 * Builds the prompts, all of exactly the length that their plan says. Plans whose length cannot hold the facts are left
 * out and returned, to be told.
 * @param facts tokenized fact texts, by text
 * @throws UserError when the haystack is empty; when prompts about one haystack have questions of different lengths
 */
export function buildPrompts(
  plans: readonly NeedlePlan[],
  frame: Frame,
  facts: ReadonlyMap<string, TokenizedText>,
  haystack: readonly TokenizedText[],
  seed: number,
): { prompts: BuiltPrompt[]; tooShort: NeedlePlan[] } {
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
  const tooShort: NeedlePlan[] = [];
  for (const plan of plans) {
    const built = buildHaystack(plan, frame, facts, documents, seed);
    if (built === null) tooShort.push(plan);
    else prompts.push(...built);
  }
  return { prompts, tooShort };
}

/** All prompts about one haystack; null where the length has no room for it. */
function buildHaystack(
  plan: NeedlePlan,
  frame: Frame,
  facts: ReadonlyMap<string, TokenizedText>,
  documents: readonly (readonly HaystackSentence[])[],
  seed: number,
): BuiltPrompt[] | null {
  const piece = (text: string): Piece => factPiece(facts, text);
  const head = headPiece(plan, frame, facts);
  const needles = plan.needles.map(({ text, depth }) => ({ piece: piece(text), depth }));
  const distractors = plan.distractors.map(piece);
  const tails = plan.asked.map((asked) => piece(tailText(asked, frame)));
  const [tail] = tails;
  if (tail === undefined || tails.some(({ ids }) => ids.length !== tail.ids.length)) throw unevenKeys();
  const room = haystackTokens([head, ...needles.map((needle) => needle.piece), ...distractors, tail], plan.length);
  if (room < leastHaystack) return null;
  const [first] = plan.asked;
  const place = plan.asked.length > 1 ? "shared" : (first?.depth ?? 0);
  const random = new Random(seed, "haystack", plan.length, place, plan.trial);
  const stack = hideFacts(needles, distractors, room, runningSentences(documents, random), random);
  return plan.asked.map((asked, at) => {
    const needle = plan.needles.findIndex(({ text }) => text === asked.needles[0]);
    return {
      plan,
      asked,
      prompt: assemblePrompt(head, stack, tails[at] ?? tail),
      message: `${plan.intro}${stack.text}${asked.question}`,
      needleAt: head.ids.length + (stack.places[needle]?.at ?? 0),
    };
  });
}

function headPiece(plan: NeedlePlan, frame: Frame, facts: ReadonlyMap<string, TokenizedText>): Piece {
  const text = headText(plan, frame);
  const ids = text === "" ? new Int32Array(0) : factPiece(facts, text).ids;
  return { ids: withPrefix(frame, ids), text };
}

function factPiece(facts: ReadonlyMap<string, TokenizedText>, text: string): Piece {
  const found = facts.get(text);
  if (found === undefined) throw new Error(`not tokenized: ${text}`);
  return { ids: found.ids, text };
}

/** What to do when the keys do not fit shared haystacks. */
export function unevenKeys(): UserError {
  return new UserError(
    "needle-keys-uneven",
    "Too few keys have questions of one number of tokens: prompts about a shared haystack would not all have the length asked for.",
    "Give more keys in evaluation.needle.keys, ask for fewer depths, or set evaluation.needle.haystacks to `own`.",
    exitCode.badInput,
  );
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
