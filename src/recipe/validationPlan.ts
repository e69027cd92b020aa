/** How much is measured while training: as much as the recipe asks for, within its share of the training's operations. */
import { ascending, doublingLengths } from "../evaluation/lengths.js";
import type { Validation } from "../protocol/recipe.js";
import { flopsPerToken, type FlopsFacts } from "./flops.js";

export interface ValidationPlan {
  /** Held-out documents, and the tokens that each is cut to: T, or W. */
  readonly documents: number;
  readonly length: number;
  /** Measured at checkpoints, too: not only before the first step and after the last. */
  readonly between: boolean;
  /** Needle prompts: lengths × depths × trials; no length means no needles. */
  readonly lengths: readonly number[];
  readonly depths: readonly number[];
  readonly trials: number;
  /** Samples of held-out text with skips, measured before and after the training; 0 where nothing is skipped. */
  readonly probes: number;
  /** Expected share of the training's operations. */
  readonly share: number;
}

export interface ValidationFacts {
  readonly model: FlopsFacts;
  /** W and T. */
  readonly window: number;
  readonly targetLength: number;
  /** L: tokens in a probe. */
  readonly trainedLength: number;
  /** Whether there are needles at all, and skips to probe. */
  readonly needles: boolean;
  readonly skips: boolean;
  /** Times that the model is measured over all training stages, and how many of these are before or after one. */
  readonly measurements: number;
  readonly ends: number;
  /** Operations of all training stages. */
  readonly trainingFlops: number;
}

/** Most lengths of the grid where the recipe names none: W, T and two between. */
const mostLengths = 4;
/** Probes a document: each is about 0.3 T long, so three fit into it. */
const probesPerDocument = 3;

/** Prompt lengths that are asked for: the recipe's, else W, 2 W, ... T, thinned out evenly to four. */
export function validationLengths({ lengths }: Pick<Validation, "lengths">, window: number, target: number): number[] {
  if (lengths !== undefined) return ascending(lengths);
  const all = doublingLengths(window, target).filter((length) => length >= window);
  if (all.length <= mostLengths) return all;
  const places = Array.from({ length: mostLengths }, (_, at) => Math.floor((at * (all.length - 1)) / (mostLengths - 1)));
  return places.map((place) => all[place] ?? target);
}

/** Times that a stage measures: before the first step, at each checkpoint in between, after the last step. */
export function measurementCount(steps: number, checkpointEvery: number): number {
  return 2 + Math.floor((steps - 1) / checkpointEvery);
}

/**
 * The largest plan within the share. What is left out first: trials, then documents down to two, then the longest
 * prompts as long as one goes beyond the window, then the second document, then the needles, then the checkpoints, then
 * what lies beyond the window. So what diagnoses need is left out last: probes, and text inside the window at both ends.
 * @returns null where not even that fits
 */
export function planValidation(settings: Validation, facts: ValidationFacts): ValidationPlan | null {
  for (const plan of candidates(settings, facts)) {
    const share = operations(plan, facts) / facts.trainingFlops;
    if (share <= settings.maxShare) return { ...plan, share };
  }
  return null;
}

type Candidate = Omit<ValidationPlan, "share">;

function* candidates(settings: Validation, facts: ValidationFacts): Generator<Candidate, void, undefined> {
  const { window, targetLength, needles, skips } = facts;
  let lengths = needles ? validationLengths(settings, window, targetLength) : [];
  let { documents, trials } = settings;
  const { depths } = settings;
  let [length, between] = [targetLength, true];
  const current = (): Candidate => {
    const probes = skips ? probesPerDocument * documents : 0;
    return { documents, length, between, lengths, depths, trials, probes };
  };
  yield current();
  for (; trials > 1; yield current()) trials--;
  for (; documents > 2; yield current()) documents--;
  while (lengths.length > 1 && lengths.slice(0, -1).some((length) => length > window)) {
    lengths = lengths.slice(0, -1);
    yield current();
  }
  documents = 1;
  yield current();
  lengths = [];
  yield current();
  between = false;
  yield current();
  length = Math.min(window, targetLength);
  yield current();
}

/** Operations of all measurements. The few new tokens of an answer are not counted. */
function operations(plan: Candidate, facts: ValidationFacts): number {
  const read = (length: number): number => length * flopsPerToken(facts.model, length, "forward");
  const prompts = plan.depths.length * plan.trials * plan.lengths.reduce((sum, length) => sum + read(length), 0);
  const once = plan.documents * read(plan.length) + prompts;
  // A probe is read with skips and without, before and after.
  return (plan.between ? facts.measurements : facts.ends) * once + 4 * plan.probes * read(facts.trainedLength);
}
