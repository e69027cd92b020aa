/** Every row of the results as CSV (RFC 4180), for spreadsheets and data frames. */
import { stringify } from "csv-stringify/sync";
import type { ResultRow, Results } from "../../protocol/results.js";
import { furtherTasks } from "../furtherScores.js";

const columns = [
  ...["run", "model", "task", "length", "depth", "trial", "metric", "score", "tokens", "prompt_tokens"],
  ...["prompt_hash", "expected", "answer", "missing", "reason"],
];

/** Rows of prompts and documents, of general ability, and one for each thing that is missing. */
export function csvResults({ run, rows, abilities = [], missing = [] }: Results): string {
  const records: Record<string, unknown>[] = [
    ...rows.map((row) => record(run, row)),
    ...furtherTasks(rows).flatMap(({ name, rows: own }) => own.map((row) => record(run, { ...row, metric: name }))),
    ...abilities.map(({ document, ...row }) => ({ run, ...row, trial: document })),
    ...missing.map(({ model, task, length, count, reason }) => ({ run, model, task, length, missing: count, reason })),
  ];
  // Answers of models are text from outside: a spreadsheet must not take one for a formula.
  return stringify(records, { header: true, columns, escape_formulas: true });
}

function record(run: string, { promptTokens, promptHash, ...row }: ResultRow): Record<string, unknown> {
  return { run, ...row, prompt_tokens: promptTokens, prompt_hash: promptHash };
}
