/** Where the text of a recipe comes from. */
import * as z from "zod";
import { positiveInt } from "./numbers.js";

const sourceFields = {
  include: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      "Globs, files or folders, relative to the recipe file. A folder stands for every .txt, .md, .jsonl, .parquet, .csv, .tsv and source code file in it, plain or as .gz or .zst; a folder that Hugging Face `datasets` saved stands for its rows.",
    ),
  exclude: z.array(z.string().min(1)).default([]).describe("Globs of files to leave out."),
  textField: z
    .string()
    .min(1)
    .default("text")
    .describe("Field or column that holds the text, in .jsonl, .parquet, .csv, .tsv and `datasets`."),
  weight: z
    .number()
    .positive()
    .optional()
    .describe(
      "Share of the samples that comes from this source, relative to the other sources' weights. Left out everywhere: in proportion to the tokens; left out beside others: 1. Without meaning for evaluation.",
    ),
  onError: z
    .enum(["fail", "skip"])
    .default("fail")
    .describe(
      "What to do with a document that cannot be read (binary, broken UTF-8, no such field) or that a model cannot score (tokens it lacks, logits that are not finite): stop and say where, or skip and count it.",
    ),
} as const;

/** A set of files: globs or folders relative to the recipe file. */
export const corpusSourceSchema = z.strictObject(sourceFields).describe("A corpus: text, code or tables, plain or compressed.");
export type CorpusSource = z.infer<typeof corpusSourceSchema>;

/** One source, or several with weights. */
export const corpusSchema = z
  .union([corpusSourceSchema, z.array(corpusSourceSchema).min(1)], { error: "must be one source or a list of sources" })
  .describe("A corpus: one source, or a list of sources mixed by weight.");
export type Corpus = z.infer<typeof corpusSchema>;

/** The sources of a corpus, each with its key path below the corpus: `""`, or `[0]`, `[1]`, ... */
export function corpusSources(corpus: Corpus): { readonly key: string; readonly source: CorpusSource }[] {
  return Array.isArray(corpus) ? corpus.map((source, at) => ({ key: `[${at}]`, source })) : [{ key: "", source: corpus }];
}

export const deduplicationSchema = z
  .strictObject({
    enabled: z.boolean().default(false).describe("Leave out documents that nearly repeat an earlier one of the same corpus."),
    threshold: z
      .number()
      .min(0.5)
      .max(1)
      .default(0.8)
      .describe("Similarity (Jaccard index of the shingles, estimated by MinHash) from which a document counts as repeated."),
    shingleWords: positiveInt.default(5).describe("Words in a shingle."),
  })
  .describe("Removal of near-duplicate documents from corpus and replay corpus.");
export type Deduplication = z.infer<typeof deduplicationSchema>;
