/** Questions as prompts: numbered through, in tokens, and kept as text for people. */
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { promptHash } from "../../../evaluation/needle.js";
import type { Question } from "../../../evaluation/question.js";
import { writeTable } from "../../tables/writer.js";
import { evaluationFiles } from "../files.js";
import type { TaskTokenizer } from "./benchmark.js";
import { ending, framedText, frameOf, requireFrame, withPrefix, type Frame } from "./frame.js";
import type { Tokenizer } from "./tokenizer.js";

/** A question with its number and its tokens in the task's tokenizer. */
export interface Prompt {
  readonly prompt: number;
  readonly question: Question;
  readonly ids: Int32Array;
  /** Names the prompt in the results of every model, whatever its tokenizer. */
  readonly hash: string;
}

/** Numbers the questions through and tokenizes those that are not. @throws UserError where a chat has no template */
export async function promptsOf(questions: readonly Question[], task: TaskTokenizer, tokenizer: Tokenizer): Promise<Prompt[]> {
  const ids = await idsOf(questions, (prompting) => requireFrame(prompting, task), tokenizer);
  return questions.map((question, prompt) => {
    const own = ids[prompt] ?? new Int32Array(0);
    return { prompt, question, ids: own, hash: promptHash(own) };
  });
}

/**
 * The same prompts in the tokens of another tokenizer: every model reads the same text. Chats are left out where it has no
 * template.
 */
export async function retokenized(
  prompts: readonly Prompt[],
  other: TaskTokenizer,
  tokenizer: Tokenizer,
): Promise<{ prompts: Prompt[]; withoutTemplate: Prompt[] }> {
  const fits = ({ question }: Prompt): boolean => frameOf(question.prompting, other) !== null;
  const fitting = prompts.filter(fits);
  const questions = fitting.map(({ question }) => ({ ...question, ids: undefined }));
  const ids = await idsOf(questions, (prompting) => requireFrame(prompting, other), tokenizer);
  return {
    prompts: fitting.map((prompt, place) => ({ ...prompt, ids: ids[place] ?? new Int32Array(0) })),
    withoutTemplate: prompts.filter((prompt) => !fits(prompt)),
  };
}

async function idsOf(
  questions: readonly (Omit<Question, "ids"> & { readonly ids?: Int32Array | undefined })[],
  frame: (prompting: Question["prompting"]) => Frame,
  tokenizer: Tokenizer,
): Promise<Int32Array[]> {
  const texts = questions.flatMap((question) => (question.ids === undefined ? [framedText(frame(question.prompting), question)] : []));
  const tokenized = await tokenizer.tokenize(texts);
  let next = 0;
  return questions.map(({ ids, prompting }) => {
    if (ids !== undefined) return ids;
    return withPrefix(frame(prompting), tokenized[next++]?.ids ?? new Int32Array(0));
  });
}

/** The prompts as a table for the worker; with limits of their own only where they have some. */
export async function writePromptTable(path: string, prompts: readonly Prompt[]): Promise<void> {
  if (sharedLimit(prompts) !== null) {
    await writeTable(path, "prompts", async (writer) => {
      for (const { prompt, ids } of prompts) await writer.append({ prompt, ids });
    });
    return;
  }
  await writeTable(path, "limitedPrompts", async (writer) => {
    for (const { prompt, ids, question } of prompts) {
      await writer.append({ prompt, ids, maxNewTokens: question.maxNewTokens, stop: question.stop });
    }
  });
}

/** New tokens, where they are the same for all and nothing but their number ends an answer; else null. */
export function sharedLimit(prompts: readonly Prompt[]): number | null {
  const [first] = prompts;
  const limit = first?.question.maxNewTokens ?? 1;
  return prompts.every(({ question }) => question.maxNewTokens === limit && question.stop.length === 0) ? limit : null;
}

/** prompts.jsonl: each prompt as text, with what is hidden in it. Written line by line: all of it may be too much for a string. */
export async function writePromptTexts(directory: string, prompts: readonly Prompt[], task: TaskTokenizer): Promise<void> {
  const path = join(directory, evaluationFiles.promptTexts);
  const beside = `${path}.partial`;
  const file = await open(beside, "w");
  try {
    for (const { prompt, question, hash } of prompts) {
      const { task: name, length, depth, trial, answerPrefix, references, parts } = question;
      const frame = requireFrame(question.prompting, task);
      const line = {
        prompt,
        task: name,
        length,
        depth,
        trial,
        hash,
        expected: expectedText(question),
        references,
        needles: parts?.needles ?? [],
        distractors: parts?.distractors ?? [],
        question: `${parts?.question ?? ""}${ending(frame, answerPrefix)}`,
        text: framedText(frame, question),
      };
      await file.write(`${JSON.stringify(line)}\n`);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

/** Right answers in one text, for people. */
export function expectedText({ references }: Question): string {
  return references.join(", ");
}
