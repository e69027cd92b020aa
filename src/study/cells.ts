/** The runs of a study on disk: where each lies, what is known of it, and which of its stages others still need. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import * as z from "zod";
import { stageNames, type StageName } from "../protocol/stages.js";
import type { Study } from "../protocol/study.js";
import { studyCellSchema } from "../protocol/studyResults.js";
import { hashOf, type EarlierKey } from "../runner/cacheKey.js";
import { plannedKeys } from "../runner/pipeline.js";
import { exists, runPaths } from "../runner/runDirectory.js";
import type { ModelFacts } from "../runner/stage.js";
import { discardStage } from "../runner/stageStore.js";
import { allStages } from "../runner/stages/index.js";
import { slug, type CellPlan } from "./expand.js";
import type { Outcome } from "./outcome.js";

/** Raised by hand when outcomes would be read differently from the same run. */
const outcomeVersion = 1;
/** Stages whose output is large; removed once no run of the study needs it. */
const largeStages = ["samples", "extend", "replay", "merge"] as const;

export interface Cell {
  readonly plan: CellPlan;
  readonly models: ModelFacts;
  readonly keys: ReadonlyMap<StageName, EarlierKey>;
  /** Known by everything that its outcome depends on: equal for equal runs of different studies. */
  readonly key: string;
  readonly directory: string;
}

/** Stages that the runs of a study go through. */
export function stagesUntil(last: StageName): ReadonlySet<StageName> {
  // What comes after the evaluation depends on the recipe alone.
  return new Set(last === "evaluate" ? stageNames : stageNames.slice(0, stageNames.indexOf(last) + 1));
}

export async function makeCell(
  plan: CellPlan,
  models: ModelFacts,
  { recipeDirectory, runs, until }: { recipeDirectory: string; runs: string; until: Study["until"] },
): Promise<Cell> {
  const only = stagesUntil(until);
  const paths = runPaths(runs);
  const keys = await plannedKeys({ stages: allStages, paths, recipe: plan.recipe, recipeDirectory, models, only });
  const key = hashOf({ outcomeVersion, keys: [...keys], until });
  return { plan, models, keys, key, directory: join(runs, `${plan.recipe.name ?? slug(plan.row)}-${key.slice(0, 8)}`) };
}

const keptSchema = z.object({
  run: z.string(),
  outcome: z.object({
    ...studyCellSchema.pick({ window: true, targetLength: true, cost: true, models: true }).required().shape,
    coverage: studyCellSchema.shape.coverage,
  }),
});

/** A run that this or another study of the same folder has finished, or null. */
export async function finishedCell(runs: string, { key }: Cell): Promise<{ run: string; outcome: Outcome } | null> {
  const file = keptFile(runs, key);
  if (!(await exists(file))) return null;
  const { run, outcome } = keptSchema.parse(JSON.parse(await readFile(file, "utf8")));
  const { coverage, ...rest } = outcome;
  return { run, outcome: coverage === undefined ? rest : { ...rest, coverage } };
}

/** @param run directory of the run, relative to `runs` */
export async function keepOutcome(runs: string, { key }: Cell, run: string, outcome: Outcome): Promise<void> {
  await mkdir(join(runs, ".outcomes"), { recursive: true });
  await writeFileAtomic(keptFile(runs, key), `${JSON.stringify({ run, outcome })}\n`);
}

function keptFile(runs: string, key: string): string {
  return join(runs, ".outcomes", `${key}.json`);
}

/** Removes large outputs of finished runs that no open run would take from them. */
export async function dropLarge(finished: readonly Cell[], open: readonly Cell[]): Promise<void> {
  for (const stage of largeStages) {
    const needed = new Set(open.map(({ keys }) => keys.get(stage)));
    for (const { keys, directory } of finished) {
      const key = keys.get(stage);
      if (key !== null && key !== undefined && !needed.has(key)) await discardStage(runPaths(directory), stage);
    }
  }
}
