/** Which relative distances a set of samples trains: `coverage.json` of the stage `samples` (recipe/coverage.ts makes it). */
import * as z from "zod";
import { recipeSchema } from "./recipe.js";

export const strategySchema = recipeSchema.shape.positions.unwrap().shape.strategy.unwrap();

/** Histogram of the distances p_j - p_i, i < j, of all pairs of tokens of the counted samples. */
export const distanceCoverageSchema = z.object({
  strategy: strategySchema,
  source: z
    .enum(["samples", "simulated"])
    .describe("Counted on the samples of this run, or drawn for comparison from the same texts with another strategy."),
  targetLength: z.int().positive().describe("T: distances lie in [1, T)."),
  samples: z.int().nonnegative().describe("Samples counted; an even spread over those of the run where there are many."),
  tokens: z.int().nonnegative().describe("Tokens in the counted samples."),
  pairs: z.number().nonnegative().describe("Pairs of tokens, exact."),
  edges: z.array(z.int().positive()).min(2).describe("Bin k holds the distances [edges[k], edges[k + 1]); from 1 to T."),
  trained: z.array(z.number()).describe("Share of the pairs in each bin; adds up to 1."),
  uniform: z.array(z.number()).describe("Share of each bin were every distance in [1, T) equally frequent; adds up to 1."),
  emptyBins: z.int().nonnegative().describe("Bins that no pair reaches."),
  totalVariation: z
    .number()
    .describe("Total variation distance between `trained` and `uniform`, by bin: 0 where they agree, 1 where they are apart."),
});
export type DistanceCoverage = z.infer<typeof distanceCoverageSchema>;

export const coverageFileSchema = z.object({
  strategy: strategySchema.describe("The strategy of the run."),
  coverage: z.array(distanceCoverageSchema).describe("The run's own strategy first, then the others."),
});
/** Content of coverage.json. */
export type CoverageFile = z.infer<typeof coverageFileSchema>;
