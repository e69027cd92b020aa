/** Rows of the contrast of full and near context. */
import { contrastBins, keyTokens, lossAt } from "../../../evaluation/contrast.js";
import { promptHash } from "../../../evaluation/needle.js";
import type { ResultRow } from "../../../protocol/results.js";
import type { MeasuredDocument } from "./perplexityTask.js";

/** Log-probabilities of every document, in the order of the documents. */
export interface ContrastScores {
  readonly model: string;
  readonly full: readonly Float32Array[];
  readonly near: readonly Float32Array[];
}

interface Lengths {
  /** Tokens that the near part holds. */
  readonly context: number;
  readonly window: number;
  readonly target: number;
}

/** Rows by document and bin of positions: nats gained, share of tokens that gain, loss at the key tokens. */
export function contrastRows(models: readonly ContrastScores[], documents: readonly MeasuredDocument[], lengths: Lengths): ResultRow[] {
  const { context, window, target } = lengths;
  const teller = keyTeller(models, lengths);
  const keys = documents.map((_, trial) =>
    keyTokens(teller?.full[trial] ?? new Float32Array(0), teller?.near[trial] ?? new Float32Array(0), context),
  );
  return models.flatMap(({ model, full, near }) =>
    documents.flatMap(({ ids }, trial) => {
      const rest = { model, depth: null, trial, promptHash: promptHash(ids), answer: null, expected: null };
      const own = full[trial] ?? new Float32Array(0);
      const bins = contrastBins(own, near[trial] ?? new Float32Array(0), context, window, target);
      return [
        ...bins.map(({ end, tokens, gain }): ResultRow => ({ ...rest, task: "contrast", length: end, score: gain / tokens, tokens })),
        ...bins.map(({ end, tokens, gaining }): ResultRow => ({
          ...rest,
          task: "contrast/gaining",
          length: end,
          score: gaining / tokens,
          tokens,
        })),
        ...lossAt(own, keys[trial] ?? [], window, target).map(({ end, tokens, sum }): ResultRow => ({
          ...rest,
          task: "contrast/key-tokens",
          length: end,
          score: sum / tokens,
          tokens,
        })),
      ];
    }),
  );
}

/**
 * The model whose scores tell the key tokens, for all models alike: the one that gains most from distant context, as LongPPL
 * wants a model that is good at it.
 */
function keyTeller(models: readonly ContrastScores[], { context, window, target }: Lengths): ContrastScores | undefined {
  const gains = models.map(({ full, near }) =>
    full.reduce((sum, scores, document) => {
      const bins = contrastBins(scores, near[document] ?? new Float32Array(0), context, window, target);
      return sum + bins.reduce((total, { gain }) => total + gain, 0);
    }, 0),
  );
  return models[gains.indexOf(Math.max(...gains))];
}
