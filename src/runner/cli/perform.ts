/** Does the work of a run in this process and shows it: what extend, resume and evaluate have in common. */
import { dirname, join } from "node:path";
import { bringExtra } from "../../environment/extras.js";
import type { SetupProgress } from "../../environment/install.js";
import { workerProject } from "../../environment/locations.js";
import type { FollowUpStage, StageName } from "../../protocol/stages.js";
import { preflight } from "../preflight.js";
import { writeRun } from "../runDirectory.js";
import { runSession, type PrepareSession, type Work } from "../session.js";
import { allStages } from "../stages/index.js";
import { findWorker, type CommonOptions, type LoadedRecipe } from "./context.js";
import { runDisplay } from "./progress.js";

/** What a command wants done on a run directory. */
export interface Task {
  readonly directory: string;
  /** Reads the recipe; called with the run locked. */
  readonly loaded: () => Promise<LoadedRecipe>;
  readonly options: CommonOptions;
  /** Stages to do; the rest is skipped. */
  readonly only?: ReadonlySet<StageName>;
  /** Stages that must be done already. */
  readonly reuse?: ReadonlySet<StageName>;
  /** What alone is to be done on a run that has its model. */
  readonly followUp?: FollowUpStage;
}

/** @throws the fault of the run, or Interrupted; both are in its history, too. */
export async function perform({ directory, loaded, only, reuse, followUp, options }: Task): Promise<void> {
  const display = runDisplay(options.json === true);
  if (!options.json) console.error(`Run: ${directory}`);
  try {
    await runSession({
      directory,
      stages: allStages,
      only,
      reuse,
      followUp,
      onEvent: (event) => display.show(event),
      prepare: async (session) => {
        const found = await loaded();
        await writeRun(directory, found.file, found.recipe, { only });
        return check(found, dirname(directory), options, session, only !== undefined);
      },
    });
  } finally {
    display.close();
  }
}

/**
 * Refuses a recipe that cannot work, with all its problems; finds the worker that is to do it.
 * @param runs folder of runs, where the facts about models are kept
 */
export async function check(
  loaded: LoadedRecipe,
  runs: string,
  options: CommonOptions,
  session: PrepareSession,
  evaluationOnly = false,
): Promise<Work> {
  const program = await findWorker(options);
  if (loaded.recipe.evaluation.ability.enabled) {
    const tell = ({ message }: SetupProgress): void => session.emit({ kind: "log", level: "info", message });
    await bringExtra(program.python, "evaluation", workerProject(), tell, session.abort);
  }
  const models = await preflight({ ...loaded, ...session, program, cache: join(runs, ".inspect"), evaluationOnly });
  return { recipe: loaded.recipe, recipeDirectory: loaded.directory, models, program };
}
