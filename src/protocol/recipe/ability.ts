/** General ability: tasks of EleutherAI's lm-evaluation-harness, run by the worker's optional extra `evaluation`. */
import * as z from "zod";
import { positiveInt } from "./numbers.js";

export const abilitySchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        "Measure general ability with lm-evaluation-harness. It is an extra of the worker: `longrecipe setup --extras evaluation`.",
      ),
    tasks: z
      .array(z.string().min(1))
      .min(1)
      .default(["mmlu", "gsm8k"])
      .describe("Tasks or groups by the names that lm-evaluation-harness gives them, or those of `include`: mmlu, gsm8k, humaneval, ..."),
    limit: positiveInt.optional().describe("At most this many questions of each task, the first ones. Left out: all of them."),
    fewShot: z.int().min(0).optional().describe("Worked examples before each question. Left out: what each task itself says."),
    include: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Folder with tasks of your own (YAML files of lm-evaluation-harness and their data), relative to the recipe. Python files that they name are run.",
      ),
    chatTemplate: z
      .boolean()
      .default(false)
      .describe("Ask as a chat, with the template of the model's tokenizer. Leave it off for base models."),
    batchSize: positiveInt.optional().describe("Questions in one pass. Left out: as many as the device takes."),
    maxLength: positiveInt
      .optional()
      .describe(
        "Tokens that a model may see, question and answer together; longer questions lose their beginning. Left out: the model's window.",
      ),
    allowCode: z
      .boolean()
      .default(false)
      .describe(
        "Run programs that the models write (humaneval, mbpp) on this machine: in a process of its own with limits of time, memory and files, but as the user who runs the evaluation. Without it such tasks are left out.",
      ),
  })
  .describe("General ability: MMLU, GSM8K, HumanEval and any other task of lm-evaluation-harness.");
export type AbilitySettings = z.infer<typeof abilitySchema>;
