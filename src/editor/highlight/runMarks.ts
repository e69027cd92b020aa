/** Marks of a file from a run's scores. */
import { bisector } from "d3-array";
import { selectionThreshold, countSamples, rankByDensity, type SampleCounts } from "./runSelection.js";
import { fileScores, isMarkable, type EditedText, type FileScores } from "./fileScores.js";
import type { Marks, ScoreOrigin } from "./marks.js";
import type { Probabilities, RunScores } from "./runScores.js";
import type { FileEntry } from "./scoreIndex.js";

/** Found in a run; `marks` is null where the file has changed and nothing of it can be placed, or cannot be marked at all. */
export interface RunMarks {
  readonly marks: Marks | null;
  readonly markable: boolean;
}

/** Marks from the first of the runs that has scored the file; null where none has. */
export async function runMarks(runs: readonly RunScores[], path: string, edited: EditedText): Promise<RunMarks | null> {
  let stale: RunMarks | null = null;
  for (const run of runs) {
    if (!(await run.isThere())) continue;
    const entry = await run.entry(path);
    if (entry === null) continue;
    const markable = isMarkable(entry, edited);
    const marks = markable ? await marksOf(run, entry, path, edited) : null;
    // An older run may have scored the file as it is now.
    if (marks !== null && !marks.stale) return { marks, markable };
    stale ??= { marks, markable };
  }
  return stale;
}

async function marksOf(run: RunScores, entry: FileEntry, path: string, edited: EditedText): Promise<Marks | null> {
  const scores = await fileScores(run, entry, path, edited);
  if (scores === null) return null;
  const [distribution, threshold, recipe] = [await run.distribution(), await selectionThreshold(run.directory), await run.recipe()];
  const selection = threshold === null ? null : { share: recipe.selection.topFraction, threshold };
  const { tokens, firsts, stale } = scores;
  return { tokens, firsts, distribution, origin: new RunOrigin(run, scores, selection), stale };
}

class RunOrigin implements ScoreOrigin {
  readonly kind = "run";
  readonly name: string;
  private readonly counts = new Map<number, Promise<SampleCounts | null>>();

  constructor(
    private readonly run: RunScores,
    private readonly scores: FileScores,
    readonly selection: ScoreOrigin["selection"],
  ) {
    this.name = run.run.name;
  }

  async probabilities(token: number): Promise<Probabilities | null> {
    const part = this.scores.parts[this.partAt("firstToken", token)];
    return part === undefined ? null : this.run.probabilities(part.place, token - part.firstToken);
  }

  async keptIn(sentence: number): Promise<{ kept: number; samples: number } | null> {
    const at = this.partAt("firstSentence", sentence);
    const part = this.scores.parts[at];
    if (part === undefined) return null;
    let counted = this.counts.get(at);
    if (counted === undefined) {
      const next = this.scores.parts[at + 1];
      const { firsts } = this.scores;
      const own = firsts.subarray(part.firstSentence, next?.firstSentence ?? firsts.length).map((first) => first - part.firstToken);
      const end = next?.firstToken ?? this.scores.tokens.tokens.starts.length;
      counted = countSamples(this.run.directory, part.place.document, own, end - part.firstToken);
      this.counts.set(at, counted);
    }
    const counts = await counted;
    return counts === null ? null : { kept: counts.keptIn[sentence - part.firstSentence] ?? 0, samples: counts.samples };
  }

  rank(density: number): Promise<number | null> {
    return rankByDensity(this.run.directory, density);
  }

  /** The last part that begins at or before `value`. */
  private partAt(key: "firstToken" | "firstSentence", value: number): number {
    return bisector((part: (typeof this.scores.parts)[number]) => part[key]).right(this.scores.parts, value) - 1;
  }
}
