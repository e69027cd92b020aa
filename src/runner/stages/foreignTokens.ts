/** Replay text with tokens that the model lacks: nothing scores it, so it is looked at when it is tokenized. */
import type { Inspection } from "../../protocol/tables.js";

/** Place of the first token that a model of `vocabulary` embeddings has none for; -1 where it has all. */
export function firstForeign(ids: Int32Array, vocabulary: number): number {
  return ids.findIndex((id) => id >= vocabulary);
}

/** Whether the tokenizer has added tokens that the model has no embedding for. */
export function lacksAddedTokens({ addedTokens, vocabularySize }: Pick<Inspection, "addedTokens" | "vocabularySize">): boolean {
  return Object.keys(addedTokens ?? {}).some((id) => Number(id) >= vocabularySize);
}

export interface ForeignToken {
  readonly document: number;
  readonly token: number;
  readonly id: number;
  /** Where it begins in the text, in UTF-16 code units. */
  readonly start: number;
}

/** What is wrong with a document, with the line. */
export function describeForeign(text: string, { token, id, start }: ForeignToken, vocabulary: number): string {
  const line = text.slice(0, start).split("\n").length;
  return `token ${token} (line ${line}) is token id ${id}, which the model with its ${vocabulary} tokens lacks`;
}
