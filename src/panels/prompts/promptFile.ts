/** The prompts of an evaluation as text: one JSON object a line, written by the stage beside the results. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import * as z from "zod";

const promptSchema = z.object({
  hash: z.string(),
  text: z.string(),
  length: z.int().positive(),
  depth: z.number().nullable().optional(),
  expected: z.string(),
  needle: z.string().optional(),
  /** Several, in tasks that hide several. */
  needles: z.array(z.string()).optional(),
  distractors: z.array(z.string()).default([]),
  question: z.string(),
});
export type StoredPrompt = z.infer<typeof promptSchema>;

/**
 * The prompt of this hash, read line by line: the file can be large, and is never held whole.
 * @returns null where the file has no such prompt; @throws what opening the file throws
 */
export async function findPrompt(file: string, hash: string): Promise<StoredPrompt | null> {
  const stream = createReadStream(file, "utf8");
  const mark = JSON.stringify(hash);
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (!line.includes(mark)) continue;
      const prompt = promptSchema.safeParse(parseJson(line)).data;
      if (prompt?.hash === hash) return prompt;
    }
    return null;
  } finally {
    stream.destroy();
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A stretch of a prompt's text, in UTF-16 code units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export interface PromptParts {
  readonly needles: readonly TextRange[];
  readonly distractors: readonly TextRange[];
  readonly question: TextRange | null;
}

/** Where in the text needle, distractors and question stand. The question is what the prompt ends with. */
export function promptParts({ text, needle, needles = [], distractors, question }: StoredPrompt): PromptParts {
  const ending = text.endsWith(question) ? { start: text.length - question.length, end: text.length } : null;
  const body = ending === null ? text : text.slice(0, ending.start);
  const find = (part: string): TextRange[] => {
    const start = part.trim() === "" ? -1 : body.indexOf(part);
    return start < 0 ? [] : [trimmed(body, start, start + part.length)];
  };
  return {
    needles: [...(needle === undefined ? [] : [needle]), ...needles].flatMap(find),
    distractors: distractors.flatMap(find),
    question: ending === null ? null : trimmed(text, ending.start, ending.end),
  };
}

/** Without the blanks at its ends, which are not worth marking. */
function trimmed(text: string, start: number, end: number): TextRange {
  const part = text.slice(start, end);
  return { start: start + part.length - part.trimStart().length, end: end - (part.length - part.trimEnd().length) };
}
