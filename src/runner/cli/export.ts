/** `longrecipe export RUN|RECIPE`: the pair of models of a finished run as ONNX; or, with nothing trained, of a recipe. */
import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { exitCode, UserError } from "../../protocol/errors.js";
import { exportSchema, type ExportSettings } from "../../protocol/recipe.js";
import { stageNames } from "../../protocol/stages.js";
import { newRunName, readRun, readRunRecipe, runsRoot } from "../runDirectory.js";
import { loadRecipe, type CommonOptions } from "./context.js";
import { perform } from "./perform.js";

export interface ExportOptions extends CommonOptions {
  readonly format?: string | undefined;
  readonly extended?: string | undefined;
  /** Run directory for the export of a recipe. */
  readonly run?: string | undefined;
}

/** Everything that a run exports must be done already. @throws UserError */
export async function exportPair(what: string, options: ExportOptions): Promise<void> {
  const path = resolve(what);
  if (await isFile(path)) return exportRecipe(path, options);
  const { recipeFile } = await readRun(path);
  const recipe = await readRunRecipe(path);
  const settings = exportSettings(recipe.export, options);
  await perform({
    directory: path,
    loaded: () => Promise.resolve({ file: recipeFile, directory: dirname(recipeFile), recipe: { ...recipe, export: settings } }),
    options,
    followUp: "export",
    reuse: new Set(stageNames.slice(0, stageNames.indexOf("export"))),
  });
}

/** The base and what its significance would be scored against, before anything was trained. */
async function exportRecipe(file: string, options: ExportOptions): Promise<void> {
  const found = await loadRecipe(file);
  const settings = exportSettings({ ...found.recipe.export, extended: "reference" }, options);
  if (settings.extended !== "reference" || found.recipe.significance.reference.source === "warmup") {
    throw new UserError(
      "export-untrained",
      "A recipe alone has no trained model to export.",
      "Extend the model first (longrecipe extend RECIPE), then export the run.",
      exitCode.badInput,
    );
  }
  const name = `export-${found.recipe.name ?? basename(file, ".longrecipe.json")}`;
  const recipe = { ...found.recipe, name, export: settings };
  const directory = options.run === undefined ? join(runsRoot(file, recipe), newRunName(name, new Date())) : resolve(options.run);
  await perform({ directory, loaded: () => Promise.resolve({ ...found, recipe }), options, only: new Set(["prepare", "export"]) });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Whoever reads it next tells what is wrong with it.
    return false;
  }
}

/** The recipe's settings, with what the command line says. @throws UserError for a value that is none of the choices */
export function exportSettings(own: ExportSettings, { format, extended }: ExportOptions): ExportSettings {
  const given = { ...(format === undefined ? {} : { format }), ...(extended === undefined ? {} : { extended }) };
  const parsed = exportSchema.safeParse({ ...own, ...given, enabled: true });
  if (parsed.success) return parsed.data;
  throw new UserError(
    "export-choice",
    parsed.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`).join("; "),
    "longrecipe export --help says what can be chosen.",
    exitCode.badInput,
  );
}
