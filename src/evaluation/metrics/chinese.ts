/**
 * Chinese words by jieba-rs (WebAssembly), which has jieba's dictionary and its hidden Markov model. It parts Chinese as
 * jieba 0.42.1 does; compounds of Latin letters, digits and signs (`GPT-3.5-Turbo`) may be parted elsewhere. Loaded when it is first needed: it takes a second
 * and 40 MB.
 */
import { createRequire } from "node:module";
import * as z from "zod";

type Cut = (text: string, hmm: boolean) => readonly string[];

const library = z.object({ cut: z.custom<Cut>((value) => typeof value === "function") });
let cut: Cut | null = null;

/** Words that tile the text, white space and punctuation included. */
export function chineseWords(text: string): readonly string[] {
  cut ??= library.parse(createRequire(import.meta.url)("jieba-wasm")).cut;
  return cut(text, true);
}
