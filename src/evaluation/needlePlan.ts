/**
 * What is hidden in which haystack, and what is asked about it, as text: needles in a haystack with other needles as
 * distractors (the multi-key task of RULER, arXiv 2404.06654), the pass key of Landmark Attention (2305.16300), UUIDs,
 * and several values of one key.
 */
import type { NeedleKind, NeedleSettings } from "../protocol/recipe.js";
import { Random } from "../recipe/random.js";
import { defaultKeys } from "./keys.js";
import type { MetricName } from "./metrics.js";
import { kindTexts, valuesOfMulti, type Wording } from "./needleTexts.js";

/** A sentence to hide, and where: 0 is the start of the haystack, 1 its end. */
export interface HiddenFact {
  readonly text: string;
  readonly depth: number;
}

/** One prompt about a haystack. */
export interface AskedPlan {
  /** Nominal depth of what is asked for, 0 to 1: that of its first value, where there are several. */
  readonly depth: number;
  readonly references: readonly string[];
  /** The sentences that hold the answer. */
  readonly needles: readonly string[];
  /** What follows the haystack: in a chat the end of the user's message. */
  readonly question: string;
  /** In a chat: the beginning of the answer, after the template. */
  readonly answerPrefix?: string;
}

/** One haystack, before it is built. */
export interface NeedlePlan {
  readonly task: string;
  readonly kind: NeedleKind;
  readonly length: number;
  readonly trial: number;
  /** What precedes the haystack; empty for most kinds. */
  readonly intro: string;
  readonly needles: readonly HiddenFact[];
  readonly distractors: readonly string[];
  readonly asked: readonly AskedPlan[];
}

/** Task names by kind; `sentence` is the one that has always been. */
export const needleTasks = {
  sentence: "needle",
  passkey: "needle-passkey",
  uuid: "needle-uuid",
  multi: "needle-multi",
} as const satisfies Record<NeedleKind, string>;

/** Task name of sentences without distractors. */
export const singleNeedle = "needle-single";

/** How answers to a kind are scored. */
export function needleMetric(kind: NeedleKind, scoring: NeedleSettings["scoring"]): MetricName {
  if (kind === "multi") return scoring === "exact" ? "needle-recall" : "needle-recall-fuzzy";
  return scoring === "exact" ? "needle-exact" : "needle-fuzzy";
}

/** Distractors in a prompt of a length. */
export function distractorCount(settings: Pick<NeedleSettings, "distractors" | "distractorSpacing">, length: number): number {
  const { distractors, distractorSpacing } = settings;
  return distractorSpacing === undefined ? distractors : Math.max(distractors, Math.floor(length / distractorSpacing));
}

/** Different keys that a haystack of a kind takes. */
export function keysNeeded(kind: NeedleKind, settings: NeedleSettings, length: number): number {
  const asked = settings.haystacks === "shared" ? new Set(settings.depths).size : 1;
  return asked + (kind === "passkey" ? 0 : distractorCount(settings, length));
}

/** The keys there are. */
export function needleKeys(settings: Pick<NeedleSettings, "keys">): string[] {
  return [...new Set(settings.keys ?? defaultKeys)];
}

/** New tokens that hold any answer: blanks, the values, and one that shows that a number ends. */
export function answerTokens(settings: Pick<NeedleSettings, "valueDigits">, kind: NeedleKind = "sentence"): number {
  if (kind === "uuid") return 40;
  return kind === "multi" ? valuesOfMulti * (settings.valueDigits + 4) : settings.valueDigits + 2;
}

/**
 * Draws what is hidden and asked for the whole grid of lengths, depths and trials of one kind. Keys of one haystack
 * differ, and so do its values. With shared haystacks the needles of all depths stand in one.
 * @param askable keys that may be asked for; the others serve as distractors alone. Left out: all
 */
export function planNeedles(
  kind: NeedleKind,
  settings: NeedleSettings,
  lengths: readonly number[],
  seed: number,
  askable?: ReadonlySet<string>,
): NeedlePlan[] {
  const plans: NeedlePlan[] = [];
  const draw = (length: number, depths: readonly number[], trial: number, random: Random): void => {
    plans.push({ ...drawFacts(kind, settings, length, depths, random, askable), task: needleTasks[kind], kind, length, trial });
  };
  // The labels of sentences are older than the other kinds.
  const label = kind === "sentence" ? "needle" : `needle-${kind}`;
  for (const length of lengths) {
    if (settings.haystacks === "shared") {
      const depths = [...new Set(settings.depths)];
      for (let trial = 0; trial < settings.trials; trial++) draw(length, depths, trial, new Random(seed, label, length, "shared", trial));
      continue;
    }
    for (const depth of settings.depths) {
      for (let trial = 0; trial < settings.trials; trial++) draw(length, [depth], trial, new Random(seed, label, length, depth, trial));
    }
  }
  return plans;
}

type Drawn = Pick<NeedlePlan, "intro" | "needles" | "distractors" | "asked">;

function drawFacts(
  kind: NeedleKind,
  settings: NeedleSettings,
  length: number,
  depths: readonly number[],
  random: Random,
  askable: ReadonlySet<string> | undefined,
): Drawn {
  const shuffled = random.shuffle(needleKeys(settings));
  const askedKeys = shuffled.filter((key) => askable?.has(key) ?? true).slice(0, depths.length);
  const count = kind === "passkey" ? 0 : distractorCount(settings, length);
  const otherKeys = shuffled.filter((key) => !askedKeys.includes(key)).slice(0, count);
  const each = kind === "multi" ? valuesOfMulti : 1;
  const values = [...drawValues(kind, settings.valueDigits, each * depths.length + otherKeys.length, random)];
  const wording = kindTexts(kind, settings, depths.length > 1);
  const needles: HiddenFact[] = [];
  const asked = depths.map((depth, place): AskedPlan => {
    const key = askedKeys[place] ?? "";
    const references = values.splice(0, each);
    const facts = references.map((value, at) => ({ text: joined(wording.fact(key, value)), depth: depth + ((1 - depth) * at) / each }));
    needles.push(...facts);
    return { depth, references, needles: facts.map(({ text }) => text), ...questionOf(wording, key, settings.prompting) };
  });
  const distractors = values.map((value, at) => joined(wording.fact(otherKeys[at] ?? "", value)));
  return { intro: wording.intro, needles, distractors, asked };
}

function questionOf(wording: Wording, key: string, prompting: NeedleSettings["prompting"]): Pick<AskedPlan, "question" | "answerPrefix"> {
  if (prompting === "base") return { question: joined(wording.continuation(key)) };
  return { question: `\n\n${wording.question(key)}`, answerPrefix: wording.answerPrefix(key) };
}

/** Text of a question and of the beginning of its answer, for every key: what differs between prompts about one haystack. */
export function questionTexts(
  kind: NeedleKind,
  settings: NeedleSettings,
  keys: readonly string[],
): Pick<AskedPlan, "question" | "answerPrefix">[] {
  const wording = kindTexts(kind, settings, settings.depths.length > 1);
  return keys.map((key) => questionOf(wording, key, settings.prompting));
}

function drawValues(kind: NeedleKind, digits: number, count: number, random: Random): Set<string> {
  const values = new Set<string>();
  while (values.size < count) values.add(kind === "uuid" ? drawUuid(random) : drawNumber(digits, random));
  return values;
}

function drawNumber(digits: number, random: Random): string {
  return String(random.integer(0, 10 ** digits - 1)).padStart(digits, "0");
}

/** A random UUID, version 4 (RFC 9562). */
function drawUuid(random: Random): string {
  const bytes = Array.from({ length: 16 }, () => random.integer(0, 255));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Text that goes on after a sentence: with a blank before it, unless it brings its own. */
function joined(text: string): string {
  return /^\s/u.test(text) ? text : ` ${text}`;
}
