/** `longrecipe export RUN`: the pair of models of a finished run as ONNX. */
import { dirname, resolve } from "node:path";
import { exitCode, UserError } from "../../protocol/errors.js";
import { exportSchema, type ExportSettings } from "../../protocol/recipe.js";
import { stageNames } from "../../protocol/stages.js";
import { readRun, readRunRecipe } from "../runDirectory.js";
import type { CommonOptions } from "./context.js";
import { perform } from "./perform.js";

export interface ExportOptions extends CommonOptions {
  readonly format?: string | undefined;
  readonly extended?: string | undefined;
}

/** Everything before the export must be done already. @throws UserError */
export async function exportRun(run: string, options: ExportOptions): Promise<void> {
  const directory = resolve(run);
  const { recipeFile } = await readRun(directory);
  const recipe = await readRunRecipe(directory);
  const settings = exportSettings(recipe.export, options);
  await perform({
    directory,
    loaded: () => Promise.resolve({ file: recipeFile, directory: dirname(recipeFile), recipe: { ...recipe, export: settings } }),
    options,
    reuse: new Set(stageNames.slice(0, stageNames.indexOf("export"))),
  });
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
