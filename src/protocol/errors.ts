/** Errors that people see: one clear message, and what to do. Anything else is a defect of ours. */

/** Exit codes of the `longrecipe` command line; documented in the README. */
export const exitCode = {
  ok: 0,
  /** A defect of ours: an exception nobody foresaw. */
  internal: 1,
  /** The recipe, the corpus, a model or the command line is at fault. */
  badInput: 2,
  /** No usable Python environment. */
  environment: 3,
  /** Ended on request (pause, stop, Ctrl+C): resume goes on from there. */
  interrupted: 4,
  /** Another runner works on this run. */
  locked: 5,
  /** The worker failed: out of memory, non-finite loss, disk full, crash. */
  worker: 6,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** One thing wrong with the input, and where: `path` is the key's path in the recipe, or a file. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  /** The place in a recipe file's text, both counted from 1, where that text was at hand. */
  readonly at?: { readonly file: string; readonly line: number; readonly column: number };
}

/** A fault that can be told to a person. `remedy` says what to do about it. */
export class UserError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly remedy: string,
    readonly exit: ExitCode,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
    this.name = "UserError";
  }
}

/** What was thrown, in words: anything may be thrown, not only errors. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
