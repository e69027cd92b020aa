/**
 * The in-editor scorer, as the extension host sees it: a client of a child process (dist/scorer.js). Nothing native is
 * loaded here; when the child dies, requests end with a UserError and the next one starts it anew.
 */
import type { UserError } from "../protocol/errors.js";
import { exitCode, UserError as Fault } from "../protocol/errors.js";
import type { TokenScorer } from "../protocol/tokenScores.js";

export interface ScorerOptions {
  /** dist/scorer.js */
  readonly program: string;
  /** The pair's folder (pair.ts), asked at each request: a changed setting needs no restart. @throws UserError */
  readonly pair: () => string | Promise<string>;
  /** One line for the log. */
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string) => void;
  /**
   * Called once when the child died, and not again while it dies over and over. Requests that were under way end with
   * the same error, code `scorer-crashed`: whoever catches that one need not show it again.
   */
  readonly onCrash: (error: UserError) => void;
  /** The child ends after this long without a request. Left out: five minutes. */
  readonly idleMilliseconds?: number;
}

/** A scorer that runs until it is disposed. One for all editors. */
export interface Scorer extends TokenScorer {
  dispose(): void;
}

/** Starts nothing: the child is started by the first request. */
export function createScorer(options: ScorerOptions): Scorer {
  return {
    // eslint-disable-next-line require-yield, @typescript-eslint/require-await
    async *score() {
      throw new Fault("scorer-missing", `${options.program} is not built.`, "Install the extension again.", exitCode.internal);
    },
    dispose: () => undefined,
  };
}
