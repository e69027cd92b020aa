/**
 * A pair of models as the in-editor scorer reads it: a folder with two ONNX models, their tokenizer and `scorer.json`,
 * which the worker's `export` job writes. Paths in it are names inside the folder.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { exitCode, messageOf, UserError } from "../protocol/errors.js";

const positiveInt = z.int().positive();

/** One model of a pair, and what each token sees of the text before it. */
export const pairModelSchema = z.object({
  file: z.string().min(1).describe("ONNX model: ids and position_ids (1, N), rows (M); logit and logprob (M) of the token after each row."),
  window: positiveInt.describe("Tokens in one forward pass."),
  minContext: z.int().nonnegative().describe("Windows overlap by this much."),
});

export const pairSchema = z.object({
  version: z.literal(1),
  name: z.string().min(1).describe("What people see."),
  format: z.enum(["fp32", "fp16", "int8"]),
  measure: z.enum(["logit", "absolute", "logprob"]).describe("Which difference the significance is."),
  base: pairModelSchema,
  extended: pairModelSchema,
  vocabularySize: positiveInt,
  hash: z.string().min(1).describe("sha256 over the pair's files: its identity in caches."),
});
export type Pair = z.infer<typeof pairSchema>;

/** Names of the files of a pair besides its two models. */
export const pairFiles = { manifest: "scorer.json", tokenizer: "tokenizer.json", tokenizerConfig: "tokenizer_config.json" } as const;

/** Reads `scorer.json` of a pair. @throws UserError when the folder holds none, or a damaged one */
export async function readPair(folder: string): Promise<Pair> {
  const file = join(folder, pairFiles.manifest);
  try {
    return pairSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
    throw new UserError(
      "scorer-pair",
      `${folder} holds no pair of models for scoring: ${why}`,
      "Name the `pair` folder that `longrecipe export RUN` wrote, or leave the setting `longrecipe.scorer.models` empty for the built-in pair.",
      exitCode.badInput,
    );
  }
}
