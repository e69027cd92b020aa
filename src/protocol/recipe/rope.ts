/** How a recipe rescales rotary positions. */
import * as z from "zod";

export const ropeSchema = z
  .strictObject({
    type: z
      .enum(["ntk", "linear", "yarn", "llama3", "none"])
      .default("ntk")
      .describe(
        "How rotary positions are rescaled to the target window: `ntk` raises the base theta (the paper's way), `linear`, `yarn` and `llama3` as transformers defines them, `none` leaves them.",
      ),
    theta: z.number().positive().optional().describe("Rotary base to use as it is; overrides the NTK formula."),
    ntkFactor: z
      .number()
      .min(1)
      .default(10)
      .describe("f in theta * (f * T / W - (f - 1)) ^ (d / (d - 2)). The paper's values come from 10 to 16 for Llama-3 and 4 for Qwen2."),
    betaFast: z
      .number()
      .positive()
      .default(32)
      .describe(
        "YaRN: rotary pairs that turn more often than this within the original window keep their speed. Smaller values suit small windows.",
      ),
    betaSlow: z
      .number()
      .positive()
      .default(1)
      .describe("YaRN: rotary pairs that turn less often than this within the original window are slowed by T / W."),
  })
  .describe("Rotary scaling, written into the checkpoint's config so that it works in any runtime that reads it.");
export type RopeChoice = z.infer<typeof ropeSchema>;
