/** Needle tasks of RULER: single, multi-key, multi-value and multi-query. */
import { filled, LazyDraft, withPieces, type Draft, type Generator } from "./draft.js";
import type { Essays } from "./essays.js";
import { noise } from "./noise.js";
import { PythonRandom, type Randomness } from "./pythonRandom.js";
import { drawKey, skipKey } from "./words.js";

type Kind = "numbers" | "words" | "uuids";

/** What distinguishes the eight tasks. */
export interface NiahSettings {
  readonly haystack: "repeat" | "essay" | "needle";
  readonly keyKind: Kind;
  readonly valueKind: Kind;
  readonly keys: number;
  readonly values: number;
  readonly queries: number;
}

export const niahTemplate =
  "Some special magic {type_needle_v} are hidden within the following text. Make sure to memorize it. I will quiz you about the {type_needle_v} afterwards.\n{context}\nWhat are all the special magic {type_needle_v} for {query} mentioned in the provided text?";
export const niahAnswerPrefix = " The special magic {type_needle_v} for {query} mentioned in the provided text are";

/** Depths at which needles may stand in essays, in percent: `np.round(np.linspace(0, 100, 40))`. */
export const essayDepths: readonly number[] = Array.from({ length: 40 }, (_, at) => Math.round((at * 100) / 39));

function drawn(kind: Kind, random: PythonRandom): string {
  if (kind === "numbers") return String(random.integer(1_000_000, 9_999_999));
  return kind === "words" ? drawKey(random) : random.uuid();
}

function skipped(kind: Kind, random: PythonRandom): void {
  if (kind === "numbers") random.integer(1_000_000, 9_999_999);
  else if (kind === "words") skipKey(random);
  else random.skipUuid();
}

/** @param essays needed where they are the haystack */
export function niahGenerator(settings: NiahSettings, length: number, seed: number, essays: Essays | undefined): Generator {
  const keys = Math.max(settings.keys, settings.queries);
  const needles = keys * settings.values;
  const published = settings.haystack === "essay" ? 500 : length < 4096 ? 5 : 25;
  return {
    answerTokens: 128,
    steps: settings.haystack === "essay" ? [500, 50, 5] : [published, 1],
    first: (step) => Math.max(step, needles),
    least: needles,
    overhead: 0,
    tail: ({ references }) => references.join(" "),
    skip: ({ python }, size) => skip({ ...settings, keys }, python, size),
    draw: (random, size) => draw({ ...settings, keys }, random, size, seed, essays),
  };
}

function draw(settings: NiahSettings, { python }: Randomness, size: number, seed: number, essays: Essays | undefined): Draft {
  const { keyKind, valueKind } = settings;
  const sentence = (key: string, value: string): string => `One of the special magic ${valueKind} for ${key} is: ${value}.`;
  const keys: string[] = [];
  const values: string[][] = [];
  const needles: string[] = [];
  for (let at = 0; at < settings.keys; at++) {
    const key = drawn(keyKind, python);
    const own = Array.from({ length: settings.values }, () => drawn(valueKind, python));
    keys.push(key);
    values.push(own);
    needles.push(...own.map((value) => sentence(key, value)));
  }
  PythonRandom.seeded(seed).shuffle(needles);
  const context =
    settings.haystack === "essay" ? amongSentences(needles, python, size, essays) : amongLines(settings, needles, python, size, sentence);
  const asked = python.sample(settings.keys, settings.queries);
  const queries = asked.map((at) => keys[at] ?? "");
  const query = queries.length > 1 ? `${queries.slice(0, -1).join(", ")}, and ${queries.at(-1) ?? ""}` : (queries[0] ?? "");
  const one = settings.queries * settings.values === 1;
  const form = (template: string, context: string): string =>
    filled(one ? singular(template) : template, { type_needle_v: one ? valueKind.slice(0, -1) : valueKind, context, query });
  return new LazyDraft(
    () => form(niahTemplate, context()),
    form(niahAnswerPrefix, ""),
    asked.flatMap((at) => values[at] ?? []),
  );
}

/** The same numbers in the same order as `draw`. */
function skip({ haystack, keyKind, valueKind, keys, values, queries }: NiahSettings, random: PythonRandom, size: number): void {
  for (let key = 0; key < keys; key++) {
    skipped(keyKind, random);
    for (let value = 0; value < values; value++) skipped(valueKind, random);
  }
  for (let line = 0; haystack === "needle" && line < size; line++) {
    skipped(keyKind, random);
    skipped(valueKind, random);
  }
  random.skipSample(haystack === "essay" ? essayDepths.length : size, keys * values);
  random.skipSample(keys, queries);
}

function singular(template: string): string {
  return template.replaceAll("Some", "A").replaceAll("are all", "is").replaceAll("are", "is").replaceAll("answers", "answer");
}

function amongSentences(needles: readonly string[], random: PythonRandom, size: number, essays: Essays | undefined): () => string {
  if (essays === undefined) throw new Error("essays are the haystack, and there are none");
  const depths = random.sample(essayDepths.length, needles.length).map((at) => essayDepths[at] ?? 0);
  return () => {
    const sentences = essays.sentences(size);
    const places = depths.map((depth) => Math.trunc(sentences.length * (depth / 100))).sort((one, other) => one - other);
    const pieces: string[] = [];
    for (let at = 0; at <= needles.length; at++) {
      pieces.push(sentences.slice(places[at - 1] ?? 0, places[at] ?? sentences.length));
      const needle = needles[at];
      if (needle !== undefined) pieces.push(needle);
    }
    return pieces.join(" ");
  };
}

function amongLines(
  { haystack, keyKind, valueKind }: NiahSettings,
  needles: readonly string[],
  random: PythonRandom,
  size: number,
  sentence: (key: string, value: string) => string,
): () => string {
  const facts =
    haystack === "repeat" ? undefined : Array.from({ length: size }, () => [drawn(keyKind, random), drawn(valueKind, random)] as const);
  const places = random.sample(size, needles.length).sort((one, other) => one - other);
  const line = (at: number): string => {
    const fact = facts?.[at];
    return fact === undefined ? noise : sentence(...fact);
  };
  // The first needle stands at the last place.
  return () => withPieces(size, line, needles.toReversed(), places).join("\n");
}
