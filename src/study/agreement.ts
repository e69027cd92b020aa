/** How far runs that score the same corpus in different ways agree on what is significant. */
import { join } from "node:path";
import { sampleRankCorrelation } from "simple-statistics";
import type { Agreement } from "../protocol/studyResults.js";
import { runPaths } from "../runner/runDirectory.js";
import { significanceFile } from "../runner/stages/files.js";
import { readRows } from "../runner/tables/reader.js";
import { impactfulFrom } from "./tokenClasses.js";

/** A run that has scored: its row, seed and run directory. */
export interface ScoredRun {
  readonly row: string;
  readonly seed: number;
  readonly directory: string;
}

interface Scores {
  readonly threshold: number;
  /** By document. */
  readonly documents: ReadonlyMap<number, Float32Array>;
}

/** Every two rows of the same seed. */
export async function agreements(runs: readonly ScoredRun[]): Promise<Agreement[]> {
  const found: Agreement[] = [];
  for (const [place, first] of runs.entries()) {
    const partners = runs.slice(place + 1).filter(({ seed }) => seed === first.seed);
    if (partners.length === 0) continue;
    const scores = await readScores(first.directory);
    for (const second of partners) {
      found.push({ seed: first.seed, first: first.row, second: second.row, ...agreement(scores, await readScores(second.directory)) });
    }
  }
  return found;
}

async function readScores(directory: string): Promise<Scores> {
  const paths = runPaths(directory);
  const documents = new Map<number, Float32Array>();
  for await (const { document, score } of readRows(join(paths.stage("significance"), significanceFile), "significance")) {
    documents.set(document, Float32Array.from(score));
  }
  return { threshold: await impactfulFrom(paths), documents };
}

/** Spearman's rank correlation (ties get their mean rank), and the overlap of the impactful tokens. */
export function agreement(first: Scores, second: Scores): Omit<Agreement, "seed" | "first" | "second"> {
  const a: number[] = [];
  const b: number[] = [];
  for (const [document, scores] of first.documents) {
    const others = second.documents.get(document);
    if (others?.length !== scores.length) continue;
    for (let token = 0; token < scores.length; token++) {
      const x = scores[token] ?? Number.NaN;
      const y = others[token] ?? Number.NaN;
      // A token that only one of them scores (a document's first) says nothing of agreement.
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
      a.push(x);
      b.push(y);
    }
  }
  let impactful = 0;
  let both = 0;
  let other = 0;
  a.forEach((x, at) => {
    const also = (b[at] ?? Number.NaN) >= second.threshold;
    if (also) other++;
    if (x < first.threshold) return;
    impactful++;
    if (also) both++;
  });
  return {
    tokens: a.length,
    spearman: a.length < 2 ? 0 : sampleRankCorrelation(a, b),
    overlap: impactful === 0 ? 0 : both / impactful,
    chance: a.length === 0 ? 0 : other / a.length,
  };
}
