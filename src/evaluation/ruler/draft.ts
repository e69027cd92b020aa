/** What a RULER task is to the search for its size: a way of drawing prompts. */
import type { Randomness } from "./pythonRandom.js";

/** A prompt of a task. */
export interface Draft {
  readonly text: string;
  /** The beginning of the answer, which the prompt gives; `text` goes on with it. */
  readonly answerPrefix: string;
  readonly references: readonly string[];
  /** What the prompt is made of, and how often: words, documents. Left out: prompts of a size are much alike. */
  readonly parts?: readonly (readonly [part: string, times: number])[];
}

/** A prompt whose text is put together when it is asked for: a search draws many that nobody reads. */
export class LazyDraft implements Draft {
  private made: string | undefined;

  constructor(
    private readonly make: () => string,
    readonly answerPrefix: string,
    readonly references: readonly string[],
    readonly parts: readonly (readonly [part: string, times: number])[] = [],
  ) {}

  get text(): string {
    return (this.made ??= this.make());
  }
}

/** A task at one length, as NVIDIA's generator makes it. Sizes are in units of its own: words, lines, documents. */
export interface Generator {
  /** Tokens kept free for the answer. */
  readonly answerTokens: number;
  /** Steps by which the size is searched. The first is the published one, the others are for lengths too short for it. */
  readonly steps: readonly number[];
  /** The size to begin with, for a step. */
  first(step: number): number;
  /** There is no larger size. */
  readonly most?: number;
  /** There is no prompt of a smaller size. */
  readonly least: number;
  /** Draws a prompt. What is drawn, and in which order, is the published program's. */
  draw(random: Randomness, size: number, trial: number): Draft;
  /** Passes over the random numbers of a prompt without drawing it. Left out: it is drawn. */
  skip?(random: Randomness, size: number): void;
  /** What the published search counts besides the prompt: the right answer. */
  tail(draft: Draft): string;
  /** Tokens that the search adds to what it counts. */
  readonly overhead: number;
  /** What is still done to an accepted prompt. */
  finish?(random: Randomness, draft: Draft): Draft;
  /** A prompt that is too long is drawn again from the same random numbers, a step smaller. */
  readonly redrawsSame?: boolean;
  /** The search leaves no room for the answer (as published); the prompts do, in any case. */
  readonly searchesWithoutAnswer?: boolean;
  /** All parts that prompts are made of, where these differ so much that their tokens are worth counting one by one. */
  readonly parts?: readonly string[];
  /** Prompts there are; a prompt that cannot be made short enough is passed over. Left out: as many as one likes. */
  readonly trials?: number;
}

/** The text of a template: `{name}` is filled in. */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/gu, (_, name: string) => values[name] ?? "");
}

/** Python's `str` of a list of strings. */
export function pythonList(items: readonly string[]): string {
  return `[${items.map(pythonString).join(", ")}]`;
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const written = text.replace(/[\\\n\r\t]/gu, (sign) => escapes[sign] ?? sign);
  return quote + (quote === "'" ? written.replaceAll("'", "\\'") : written) + quote;
}

/** Lines with pieces among them: each piece stands before the line at its place. @param places ascending, one a piece */
export function withPieces(lines: number, line: (at: number) => string, pieces: readonly string[], places: readonly number[]): string[] {
  const whole: string[] = [];
  let done = 0;
  places.forEach((place, at) => {
    for (; done < place; done++) whole.push(line(done));
    whole.push(pieces[at] ?? "");
  });
  for (; done < lines; done++) whole.push(line(done));
  return whole;
}
