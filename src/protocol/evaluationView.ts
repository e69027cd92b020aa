/**
 * Messages between the extension host and the evaluation view of the side bar.
 *
 * Every message of the host is the whole state: it is small, and a view that was hidden has nothing to catch up with.
 */
import type { Missing } from "./results.js";

/** An estimate with its interval of 95 %. */
export interface Estimated {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How a task is measured: see measureOf in src/evaluation/measures.ts. */
export type Measure = "share" | "score" | "perplexity" | "nats";

/** One model on one benchmark at one length. */
export interface ScoreCell extends Estimated {
  /** Prompts, or tokens for what is measured over tokens. */
  readonly count: number;
}

/** Scores of one benchmark: `cells[model][length]` by index, null where nothing was measured. */
export interface BenchmarkScores {
  readonly task: string;
  readonly measure: Measure;
  readonly lengths: readonly number[];
  readonly models: readonly string[];
  readonly cells: readonly (readonly (ScoreCell | null)[])[];
}

/** Change of what a model can do against the base, inside the original window W, on the same prompts or documents. */
export interface AbilityChange {
  readonly model: string;
  /** perplexity, needle, ruler, longbench, ..., or a task of general ability with its metric. */
  readonly ability: string;
  /** perplexity: ratio to the base's, 1 is no change; all else: difference of mean scores, 0 is no change. */
  readonly change: Estimated;
  /** Pairs that it rests on. */
  readonly pairs: number;
  /** Whether the interval excludes no change, and to which side. */
  readonly verdict: "better" | "same" | "worse";
  /** Whether that holds when all changes of these results are looked at together (Holm, 5 %). */
  readonly holds: boolean;
}

export interface EvaluationSummary {
  readonly window: number;
  readonly targetLength: number;
  readonly benchmarks: readonly BenchmarkScores[];
  readonly changes: readonly AbilityChange[];
}

/** A score that may rest on fewer prompts than were to be asked. */
export interface GridCell extends ScoreCell {
  readonly missing: number;
}

export interface ScoreGridRow {
  /** null: the mean of the others. */
  readonly name: string | null;
  /** 0: a whole; 1: a part of one. */
  readonly level: 0 | 1;
  /** By model, as in the grid; null where nothing was measured. */
  readonly cells: readonly (GridCell | null)[];
}

/** A benchmark of many small tasks. */
export interface ScoreGrid {
  readonly family: "longbench" | "longbench-v2" | "loogle" | "ability";
  readonly models: readonly string[];
  readonly rows: readonly ScoreGridRow[];
}

/** RULER of one model: see summarizeRuler in src/evaluation/ruler. */
export interface RulerScores {
  readonly model: string;
  readonly lengths: readonly { readonly length: number; readonly mean: number; readonly whole: boolean }[];
  readonly effective: number | null;
  /** The effective length is the longest that was measured. */
  readonly atLeast: boolean;
}

/** What stands beside the summary. */
export interface EvaluationDetails {
  readonly missing: readonly Missing[];
  readonly ruler: { readonly threshold: number; readonly models: readonly RulerScores[] } | null;
  readonly grids: readonly ScoreGrid[];
}

export interface EvaluatedRun {
  readonly directory: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly model: string;
  /** Share of needles beyond W of the best model, and of the base; null where not measured. */
  readonly beyond: number | null;
  readonly baseBeyond: number | null;
  /** Ratio of its perplexity inside W to the base's; null where not measured. */
  readonly perplexityRatio: number | null;
  readonly regressions: number;
  /** Means of its other benchmarks, 0 to 1, by name; those that are not whole are left out. */
  readonly benchmarks: readonly { readonly name: string; readonly score: number }[];
  readonly hasReport: boolean;
}

/** An evaluation that goes on. */
export interface EvaluationActivity {
  readonly directory: string;
  readonly name: string;
  /** What it does, in the person's language. */
  readonly text: string;
  /** 0 to 1; null where it is not known. */
  readonly fraction: number | null;
}

export type HostToEvaluationView = {
  readonly type: "state";
  readonly trusted: boolean;
  /** Runs that have results, the newest first. */
  readonly runs: readonly EvaluatedRun[];
  readonly selected: string | null;
  readonly summary: EvaluationSummary | null;
  readonly details: EvaluationDetails | null;
  readonly activities: readonly EvaluationActivity[];
  /** What could not be read. */
  readonly notices: readonly string[];
};

export type EvaluationViewToHost =
  | { readonly type: "ready" }
  | { readonly type: "choose"; readonly directory: string }
  | { readonly type: "open"; readonly what: "report" | "dashboard"; readonly directory: string }
  | { readonly type: "export"; readonly directory: string }
  | { readonly type: "evaluateServer" }
  | { readonly type: "evaluateCheckpoint" };
