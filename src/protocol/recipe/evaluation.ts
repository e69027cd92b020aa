/** How a recipe measures what came of it. */
import * as z from "zod";
import { abilitySchema } from "./ability.js";
import { corpusSchema } from "./corpus.js";
import { longBenchSchema } from "./longbench.js";
import { furtherModelSchema } from "./models.js";
import { positiveInt } from "./numbers.js";
import { rulerSchema } from "./ruler.js";

/** What can be hidden in a haystack; each kind is a task of its own in the results. */
export const needleKinds = ["sentence", "passkey", "uuid", "multi"] as const;
export type NeedleKind = (typeof needleKinds)[number];

export const needleSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Run the needle-in-a-haystack grid."),
    haystack: corpusSchema.optional().describe("Held-out text for the haystack. Left out: the training corpus."),
    lengths: z.array(positiveInt).min(1).optional().describe("Prompt lengths in tokens. Left out: W/4 to T by doubling."),
    depths: z
      .array(z.number().min(0).max(1))
      .min(1)
      .default([0, 0.25, 0.5, 0.75, 1])
      .describe("Where the needle stands: 0 is the start of the haystack, 1 its end."),
    trials: positiveInt.default(4).describe("Prompts per length and depth."),
    needle: z.string().default("The access code of {key} is {value}.").describe("The needle sentence. {key} and {value} are filled in."),
    question: z.string().default("The access code of {key} is").describe("The end of the prompt, which the model has to go on from."),
    keys: z.array(z.string().min(1)).min(2).optional().describe("Keys to draw from. Left out: a built-in list of names."),
    valueDigits: z.int().min(1).max(12).default(5).describe("Digits of the value."),
    distractors: z.int().min(0).default(3).describe("Other key-value sentences hidden in the same haystack (multi-key)."),
    distractorSpacing: positiveInt
      .optional()
      .describe("At least one distractor for every this many tokens of the prompt. Left out: the same number at every length."),
    kinds: z
      .array(z.enum(needleKinds))
      .min(1)
      .default(["sentence"])
      .describe(
        "sentence: `needle` and `question`; passkey: one pass key, as in Landmark Attention; uuid: a sentence whose value is a UUID; multi: several values of one key, all to be named.",
      ),
    prompting: z
      .enum(["base", "chat"])
      .default("base")
      .describe("base: the model goes on from the question; chat: the prompt is one user message in the model's chat template."),
    scoring: z
      .enum(["exact", "fuzzy"])
      .default("exact")
      .describe(
        "exact: the answer begins with the value; fuzzy: the likeness of the best fitting part of the answer (Levenshtein), 0 to 1.",
      ),
    haystacks: z
      .enum(["own", "shared"])
      .default("own")
      .describe(
        "own: a haystack for every prompt; shared: the needles of all depths stand in one haystack and are asked for one by one, which needs one prefill for a whole row of the grid.",
      ),
    single: z.boolean().default(false).describe("Also ask for every needle without distractors (single-key retrieval)."),
  })
  .describe("Needle in a haystack.");
export type NeedleSettings = z.infer<typeof needleSchema>;

export const evaluationSchema = z
  .strictObject({
    needle: needleSchema.prefault({}),
    perplexity: z
      .strictObject({
        enabled: z.boolean().default(true).describe("Measure perplexity by position."),
        corpus: corpusSchema.optional().describe("Held-out documents. Left out: the needle haystack, else the training corpus."),
        documents: positiveInt.default(8).describe("Documents to measure, each cut to the target length."),
        byDistance: z
          .boolean()
          .default(false)
          .describe("Also tell the loss by the distance to the token's last occurrence: what has to be looked up from how far."),
        contrast: positiveInt
          .optional()
          .describe(
            "Also measure how much loss is gained by context farther away than this many tokens (long against short context). Left out: not measured.",
          ),
      })
      .prefault({})
      .describe("Perplexity by position, inside and beyond the original window."),
    ruler: rulerSchema.prefault({}),
    longBench: z.array(longBenchSchema).default([]).describe("Question sets over long documents, from files on this disk."),
    ability: abilitySchema.prefault({}),
    models: z.array(furtherModelSchema).default([]).describe("Further models to stand in the same tables."),
    ownModels: z
      .boolean()
      .default(true)
      .describe("Evaluate the run's own models (base, rope, extended, merged). Off: only those of `models`."),
    engine: z
      .enum(["auto", "transformers", "vllm"])
      .default("auto")
      .describe("What generates. auto: vLLM where it is installed and can load the model, else transformers."),
    stopEarly: z
      .strictObject({
        halfWidth: z
          .number()
          .gt(0)
          .lt(0.5)
          .default(0.1)
          .describe("Stop asking where the 95 % interval of every model is this narrow to each side."),
        atLeast: positiveInt.default(8).describe("Prompts that are asked in any case."),
      })
      .optional()
      .describe("Ask the prompts of a task and length in rounds, and stop when the score is known well enough. Left out: all are asked."),
    ropeOnly: z.boolean().default(true).describe("Also evaluate rotary scaling alone, without training."),
  })
  .describe("Evaluation of base, extended and merged model side by side.");
