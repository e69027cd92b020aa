/** What a dashboard shows besides its run's own history: other runs, what an hour costs, how long stages usually take. */
import { basename } from "node:path";
import type { OtherRun, RunFacts } from "../protocol/dashboard.js";
import { stageNames, type StageName } from "../protocol/stages.js";
import { price } from "../platform/settings.js";
import type { FollowedRun } from "../views/followedRun.js";
import type { RunStore } from "../views/runStore.js";

/** More runs than this are not offered for comparison; the newest are. */
const mostRuns = 40;

export function runFacts(run: FollowedRun, store: RunStore): RunFacts {
  const all = store.all();
  return { others: others(run, all), price: price(), expectedSeconds: expectedSeconds(run, all) };
}

/** Runs of one recipe share its name; they are told apart by their folders. */
function others(run: FollowedRun, all: readonly FollowedRun[]): OtherRun[] {
  const shared = (wanted: string): boolean => all.filter(({ run: { name } }) => name === wanted).length > 1;
  return all
    .filter((other) => other !== run && other.series.cursor().rows.size > 0)
    .slice(0, mostRuns)
    .map(({ directory, run: { name, created } }) => ({ directory, name: shared(name) ? basename(directory) : name, created }));
}

/** How long each stage took in the latest run of the same recipe file, model and target that did it. Cached stages say nothing. */
function expectedSeconds({ directory, run }: FollowedRun, all: readonly FollowedRun[]): Partial<Record<StageName, number>> {
  const alike = all.filter(
    (other) =>
      other.directory !== directory &&
      other.run.recipeFile === run.recipeFile &&
      other.run.model === run.model &&
      other.run.targetLength === run.targetLength,
  );
  const expected: Partial<Record<StageName, number>> = {};
  for (const name of stageNames) {
    for (const { snapshot } of alike) {
      const stage = snapshot.stages.find((candidate) => candidate.name === name);
      const seconds = stage?.status === "skipped" ? 0 : stage?.status === "completed" ? stage.seconds : null;
      if (seconds === null) continue;
      expected[name] = seconds;
      break;
    }
  }
  return expected;
}
