/** RULER (Hsieh et al. 2024, arXiv 2404.06654): thirteen tasks at chosen lengths. */
import * as z from "zod";
import { corpusSchema } from "./corpus.js";
import { positiveInt } from "./numbers.js";

/** The tasks under the names that NVIDIA's repository and lm-evaluation-harness give them. */
export const rulerTasks = [
  "niah_single_1",
  "niah_single_2",
  "niah_single_3",
  "niah_multikey_1",
  "niah_multikey_2",
  "niah_multikey_3",
  "niah_multivalue",
  "niah_multiquery",
  "vt",
  "cwe",
  "fwe",
  "qa_1",
  "qa_2",
] as const;
export type RulerTask = (typeof rulerTasks)[number];

export const rulerSchema = z
  .strictObject({
    enabled: z.boolean().default(false).describe("Run RULER."),
    tasks: z
      .array(z.enum(rulerTasks))
      .min(1)
      .default(rulerTasks.filter((task) => !task.startsWith("qa_")))
      .describe("Tasks. qa_1 needs `squad`, qa_2 needs `hotpot`."),
    lengths: z.array(positiveInt).min(1).optional().describe("Prompt lengths in tokens, answers included. Left out: W/2 to T by doubling."),
    samples: positiveInt.default(25).describe("Prompts for each task and length. The published setting is 500."),
    haystack: corpusSchema.optional().describe("Essays for the haystack. Left out: that of the needles, else the training corpus."),
    squad: z.string().min(1).optional().describe("SQuAD v2 development file (JSON), relative to the recipe: for qa_1."),
    hotpot: z.string().min(1).optional().describe("HotpotQA distractor development file (JSON), relative to the recipe: for qa_2."),
    prompting: z
      .enum(["base", "chat"])
      .default("base")
      .describe("base: the model goes on from the prompt; chat: the prompt is one user message, and the answer begins as published."),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.856)
      .describe("The effective length is the longest at which the mean score reaches this: Llama-2-7B's at 4k, as published."),
  })
  .describe("RULER: retrieval, tracing, aggregation and question answering.");
export type RulerSettings = z.infer<typeof rulerSchema>;
