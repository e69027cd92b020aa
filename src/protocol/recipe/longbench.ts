/** LongBench (arXiv 2308.14508), LongBench v2 (2412.15204) and LooGLE (2311.04939) from the published files. */
import * as z from "zod";
import { serverSchema } from "./models.js";
import { positiveInt } from "./numbers.js";

export const longBenchFormats = ["longbench", "longbench-v2", "loogle"] as const;

/** What LooGLE's further metrics need. */
const looGleFields = {
  wordNet: z
    .string()
    .min(1)
    .optional()
    .describe("LooGLE: folder of WordNet 3.0's files, for METEOR. Left out: NLTK's data folders and the system's are looked through."),
  bertScore: z
    .strictObject({
      model: z.string().min(1).describe("Folder (relative to the recipe) or hub id of an encoder. Published: FacebookAI/roberta-large."),
      layer: positiveInt.default(17).describe("Layer whose states are compared; 17 is the one for roberta-large."),
    })
    .optional()
    .describe("LooGLE: the model of BERTScore. Left out: BERTScore is not measured."),
  judge: z
    .strictObject({
      ...serverSchema.shape,
      maxNewTokens: positiveInt.default(10).describe("Tokens of a verdict; models that reason first need more."),
    })
    .optional()
    .describe("LooGLE: the model that judges answers and summaries, one request for each. Published: gpt-4. Left out: nothing is judged."),
} as const;

export const longBenchSchema = z
  .strictObject({
    format: z.enum(longBenchFormats).describe("How the files are to be read and scored."),
    path: z
      .string()
      .min(1)
      .describe("Folder of the published files, relative to the recipe, or the hub id of the data set where the hub's cache holds it."),
    tasks: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("Data sets by name, such as `hotpotqa`. Left out: every one in the folder."),
    limit: positiveInt.optional().describe("Questions of each data set. Left out: all."),
    maxLength: positiveInt
      .optional()
      .describe(
        "Longer prompts lose their middle, as the published code does it, to this many tokens. Left out: what the target length leaves beside the answer.",
      ),
    prompting: z
      .enum(["base", "chat"])
      .default("base")
      .describe(
        "base: the model goes on from the prompt; chat: the prompt is one user message in the model's chat template, but for the sets that the published code asks without one.",
      ),
    ...looGleFields,
  })
  .refine(
    ({ format, wordNet, bertScore, judge }) => format === "loogle" || (wordNet ?? bertScore ?? judge) === undefined,
    "`wordNet`, `bertScore` and `judge` are for the metrics of LooGLE.",
  )
  .describe("Questions over long documents, with the published prompts and metrics.");
export type LongBenchSettings = z.infer<typeof longBenchSchema>;
