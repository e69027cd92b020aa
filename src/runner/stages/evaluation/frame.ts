/** What stands around a prompt: the tokenizer's own prefix, or the chat template. */
import { exitCode, UserError } from "../../../protocol/errors.js";
import type { Question } from "../../../evaluation/question.js";
import type { TaskTokenizer } from "./benchmark.js";
import type { Tokenizer } from "./tokenizer.js";

export interface Frame {
  /** Ids that the tokenizer puts before a text, such as BOS. */
  readonly prefix: Int32Array;
  /** In a chat, what precedes and follows the user's message; else empty. */
  readonly before: string;
  readonly after: string;
}

/** @returns null where a chat is wanted and the tokenizer has no usable template */
export function frameOf(prompting: "base", tokenizer: Pick<TaskTokenizer, "promptPrefix" | "chatTemplate">): Frame;
export function frameOf(prompting: Question["prompting"], tokenizer: Pick<TaskTokenizer, "promptPrefix" | "chatTemplate">): Frame | null;
export function frameOf(prompting: Question["prompting"], tokenizer: Pick<TaskTokenizer, "promptPrefix" | "chatTemplate">): Frame | null {
  if (prompting === "base") return { prefix: Int32Array.from(tokenizer.promptPrefix ?? []), before: "", after: "" };
  if (tokenizer.chatTemplate == null) return null;
  // The template writes BOS itself where it wants one.
  return { prefix: new Int32Array(0), ...tokenizer.chatTemplate };
}

/** What follows the user's text: the end of the template, and how the answer begins. */
export function ending(frame: Frame, answerPrefix: string | undefined): string {
  if (answerPrefix === undefined) return frame.after;
  if (frame.after === "") return answerPrefix;
  return `${frame.after}${/\s$/u.test(frame.after) ? "" : " "}${answerPrefix.trimStart()}`;
}

/** A text's tokens with the tokenizer's own before them. */
export function withPrefix({ prefix }: Frame, ids: Int32Array): Int32Array {
  const whole = new Int32Array(prefix.length + ids.length);
  whole.set(prefix);
  whole.set(ids, prefix.length);
  return whole;
}

/** Tokens that stand around every prompt: the sum of the parts, whose joints may come to some more. */
export async function frameTokens({ prefix, before, after }: Frame, tokenizer: Tokenizer): Promise<number> {
  const around = await tokenizer.tokenize([before, after].filter((text) => text !== ""));
  return around.reduce((sum, { ids }) => sum + ids.length, prefix.length);
}

/** The whole prompt as text. */
export function framedText(frame: Frame, { text, answerPrefix }: Pick<Question, "text" | "answerPrefix">): string {
  return `${frame.before}${text}${ending(frame, answerPrefix)}`;
}

/** @throws UserError where the task's model has no chat template */
export function requireFrame(prompting: Question["prompting"], tokenizer: TaskTokenizer): Frame {
  const frame = frameOf(prompting, tokenizer);
  if (frame !== null) return frame;
  throw new UserError(
    "no-chat-template",
    `The prompts are to be chats, and ${tokenizer.model} has no chat template that could be put around them.`,
    "Set `prompting` to `base`, or evaluate a chat model.",
    exitCode.badInput,
  );
}
