/** A results file as the panels show it: what can be read of it, and how much had to be left out. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { resultRowSchema, resultsSchema, type Results } from "../protocol/results.js";

export interface ReadResults {
  /** null where there is no file, or nothing in it can be shown. */
  readonly results: Results | null;
  /** Whether there is a file, but not one of ours. */
  readonly unreadable: boolean;
  /** Rows that were left out. */
  readonly damagedRows: number;
}

const envelope = z.object({ ...resultsSchema.shape, rows: z.array(z.unknown()) });

/** Reads results.json. @throws what reading the file throws, unless it is not there. */
export async function readResults(file: string): Promise<ReadResults> {
  try {
    return parseResults(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { results: null, unreadable: false, damagedRows: 0 };
    throw error;
  }
}

/** What a results file's text holds. */
export function parseResults(text: string): ReadResults {
  const parsed = envelope.safeParse(parseJson(text));
  if (!parsed.success) return { results: null, unreadable: true, damagedRows: 0 };
  const rows = parsed.data.rows.flatMap((row) => resultRowSchema.safeParse(row).data ?? []);
  return { results: { ...parsed.data, rows }, unreadable: false, damagedRows: parsed.data.rows.length - rows.length };
}

/** undefined, which no schema takes, stands for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
