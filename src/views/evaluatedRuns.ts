/** Runs with results, and what their results say; each file is read again only when it has changed. Knows nothing of VS Code. */
import { stat } from "node:fs/promises";
import { compareModels } from "../evaluation/compare.js";
import { headlines } from "../evaluation/headlines.js";
import { summarizeRuler } from "../evaluation/ruler/effectiveLength.js";
import { scoreGrids } from "../evaluation/scoreGrids.js";
import { orderedModels, summarize } from "../evaluation/summary.js";
import { readResults } from "../panels/resultsFile.js";
import { UserError } from "../protocol/errors.js";
import type { EvaluatedRun, EvaluationDetails, EvaluationSummary } from "../protocol/evaluationView.js";
import { rulerSchema } from "../protocol/recipe/ruler.js";
import type { Results } from "../protocol/results.js";
import { readRunRecipe } from "../runner/runDirectory.js";
import type { FollowedRun } from "./followedRun.js";

export interface Evaluated {
  readonly run: EvaluatedRun;
  readonly summary: EvaluationSummary;
  readonly details: EvaluationDetails;
  /** Rows that could not be read. */
  readonly damagedRows: number;
}

export interface EvaluatedRuns {
  /** In the order of the runs that were asked for. */
  readonly evaluated: readonly Evaluated[];
  /** Names of runs whose results file is none. */
  readonly unreadable: readonly string[];
}

type Known =
  { readonly state: string; readonly found: Omit<Evaluated, "run"> & Headline } | { readonly state: string; readonly found: null };
type Headline = Pick<EvaluatedRun, "beyond" | "baseBeyond" | "perplexityRatio" | "regressions" | "benchmarks">;

export class EvaluatedRunReader {
  private readonly known = new Map<string, Known>();

  async read(runs: readonly FollowedRun[]): Promise<EvaluatedRuns> {
    const evaluated: Evaluated[] = [];
    const unreadable: string[] = [];
    for (const run of runs) {
      const known = await this.resultsOf(run);
      if (known === null) continue;
      if (known.found === null) {
        unreadable.push(run.run.name);
        continue;
      }
      const { summary, details, damagedRows, ...headline } = known.found;
      const { name, created, model } = run.run;
      evaluated.push({
        run: { directory: run.directory, name, created, model, hasReport: run.hasReport, ...headline },
        summary,
        details,
        damagedRows,
      });
    }
    return { evaluated, unreadable };
  }

  private async resultsOf(run: FollowedRun): Promise<Known | null> {
    const file = run.resultsFile;
    const state = await stateOf(file);
    if (state === null) return null;
    const before = this.known.get(file);
    if (before?.state === state) return before;
    const { results, damagedRows } = await readResults(file);
    const known: Known =
      results === null
        ? { state, found: null }
        : { state, found: { ...describe(results), details: detailsOf(results, await thresholdOf(run)), damagedRows } };
    this.known.set(file, known);
    return known;
  }
}

/** Time and size of a file, which tell a new one; null where there is none. */
async function stateOf(file: string): Promise<string | null> {
  try {
    const { mtimeMs, size } = await stat(file);
    return `${String(mtimeMs)} ${String(size)}`;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** RULER's threshold as the run's recipe has it; the published one where there is no recipe of ours. */
async function thresholdOf(run: FollowedRun): Promise<number> {
  try {
    return (await readRunRecipe(run.directory)).evaluation.ruler.threshold;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return rulerSchema.parse({}).threshold;
  }
}

export function detailsOf(results: Results, threshold: number): EvaluationDetails {
  const models = summarizeRuler(results.rows, threshold).map(({ model, lengths, effective, atLeast }) => ({
    model,
    lengths: lengths.map(({ length, mean, whole }) => ({ length, mean, whole })),
    effective,
    atLeast,
  }));
  return { missing: results.missing ?? [], ruler: models.length === 0 ? null : { threshold, models }, grids: scoreGrids(results) };
}

function describe(results: Results): { summary: EvaluationSummary } & Headline {
  const summary = compareModels(results);
  const { needle } = summarize(results);
  const all = orderedModels([...results.rows, ...(results.abilities ?? [])]);
  const best = ["merged", "extended"].find((model) => all.includes(model)) ?? all[0];
  const ratio = summary.changes.find(({ ability, model }) => ability === "perplexity" && model === best);
  return {
    summary,
    beyond: needle.find(({ model }) => model === best)?.beyond ?? null,
    baseBeyond: needle.find(({ model }) => model === "base")?.beyond ?? null,
    perplexityRatio: ratio?.change.value ?? null,
    regressions: summary.changes.filter(({ verdict, model }) => verdict === "worse" && model === best).length,
    benchmarks: best === undefined ? [] : headlines(results, best),
  };
}
