/** What a recipe makes of the trained weights: the merge, and the export for the editor. */
import * as z from "zod";
import { exportFormats, mergeLayerSchema } from "../jobs.js";

export const mergeSchema = z
  .strictObject({
    method: z
      .enum(["linear", "slerp", "ties", "dare"])
      .default("linear")
      .describe(
        "`linear`: the paper's weighted mean of all tensors, in float32. `slerp`, `ties` and `dare` are mergekit's and need it installed in the worker's Python; in `ties` and `dare` alpha scales the thinned difference.",
      ),
    alpha: z.number().min(0).max(1).default(0.5).describe("Share of the extended model: (1 - alpha) * base + alpha * extended."),
    layers: z
      .array(mergeLayerSchema)
      .default([])
      .describe("Other shares for some layers or tensors; where several fit a tensor, the last one counts."),
    density: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .describe("`ties` and `dare`: share of the entries of the difference between both models that is kept."),
    sweep: z
      .array(z.number().min(0).max(1))
      .default([])
      .describe("Further values of alpha to evaluate, blended in memory and never written. They appear as merged@0.25."),
  })
  .describe("Merge with the original model.");
export type MergeSettings = z.infer<typeof mergeSchema>;

export const exportSchema = z
  .strictObject({
    enabled: z.boolean().default(false).describe("Write base and extended model as ONNX, for scoring in the editor."),
    format: z
      .enum(exportFormats)
      .default("fp16")
      .describe(
        "How weights are stored: `fp32` as they are, `fp16` in half the size (computed in float32), `int8` in a quarter (8-bit products, the least exact).",
      ),
    extended: z
      .enum(["trained", "merged", "reference"])
      .default("trained")
      .describe(
        "The second model of the pair: the extended model (after replay, if any), the merged one, or what the significance stage scored against.",
      ),
  })
  .describe("Export of a pair of models for live scoring in the editor.");
export type ExportSettings = z.infer<typeof exportSchema>;
