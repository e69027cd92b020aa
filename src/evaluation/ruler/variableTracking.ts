/** Variable tracking of RULER: one chain of five assignments in noise, with a worked example before it. */
import { filled, LazyDraft, pythonList, withPieces, type Draft, type Generator } from "./draft.js";
import { noise } from "./noise.js";
import type { Randomness } from "./pythonRandom.js";

export const trackingTemplate =
  "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n{context}\nQuestion: Find all variables that are assigned the value {query} in the text above.";
/** With the published spelling. */
export const trackingAnswerPrefix =
  " Answer: According to the chain(s) of variable assignment in the text above, {num_v} variables are assgined the value {query}, they are: ";

const hops = 4;
const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The worked example: its text, with the answer, and the variables to be renamed in each prompt. */
export interface WorkedExample {
  readonly text: string;
  /** Its tokens. */
  readonly tokens: number;
}

/** The generator of the worked example: short names, an answer, at most 500 tokens. */
export const exampleTokens = 500;
export function exampleGenerator(): Generator {
  return { ...base(3), steps: [5, 1], overhead: 0 };
}

export function exampleText({ text, answerPrefix, references }: Draft): string {
  return `${text}${answerPrefix} ${references.join(" ")}\n\n`;
}

export function trackingGenerator(example: WorkedExample): Generator {
  return {
    ...base(5),
    steps: [10, 1],
    overhead: example.tokens,
    finish: (random, draft) => ({ ...draft, text: `${renamed(example.text, random)}\n\n${draft.text}` }),
  };
}

function base(nameLength: number): Omit<Generator, "steps" | "overhead"> {
  return {
    answerTokens: 30,
    first: (step) => step,
    least: 1,
    tail: ({ references }) => ` ${pythonList(references)}`,
    draw: (random, size) => draw(random, size, nameLength),
  };
}

function draw({ python, numpy }: Randomness, size: number, nameLength: number): Draft {
  const names = new Set<string>();
  while (names.size <= hops) names.add(python.letters(capitals, nameLength));
  const variables = [...names];
  const value = String(numpy.integer(10_000, 99_999));
  const chain = variables.map((name, at) => (at === 0 ? `VAR ${name} = ${value}` : `VAR ${name} = VAR ${variables[at - 1] ?? ""} `));
  const few = size > chain.length ? undefined : pieces(size);
  const places = python.sample(few?.length ?? size, chain.length).sort((one, other) => one - other);
  const values = { query: value, num_v: String(hops + 1) };
  const text = (): string =>
    filled(trackingTemplate, { ...values, context: withChain(few ?? Array.from({ length: size }, () => `${noise}\n`), chain, places) });
  return new LazyDraft(text, filled(trackingAnswerPrefix, values), variables);
}

/** The chain among the lines. */
function withChain(lines: readonly string[], chain: readonly string[], places: readonly number[]): string {
  return withPieces(lines.length, (at) => lines[at] ?? "", chain, places)
    .join(" ")
    .replaceAll(". \n", ".\n");
}

/** Few lines of noise are taken apart, so that every assignment finds a place of its own. */
function pieces(size: number): string[] {
  const parts = Array.from({ length: size }, () => `${noise}\n`.split(".")).flat();
  return parts.map((part) => (part.trim() === "" ? part : `${part}.`));
}

/** The example with other names: those named in its answer, one after the other, wherever they occur. */
function renamed(example: string, { python }: Randomness): string {
  const mark = trackingAnswerPrefix.slice(-10);
  let text = example;
  for (const name of example
    .slice(example.indexOf(mark) + mark.length)
    .trim()
    .split(/\s+/u)) {
    text = text.replaceAll(name, python.letters(capitals, name.length));
  }
  return text;
}
