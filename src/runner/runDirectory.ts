/** The run directory: everything about one run, as files. Nothing else needs to be kept to show or resume it. */
import { mkdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { glob } from "tinyglobby";
import writeFileAtomic from "write-file-atomic";
import * as z from "zod";
import { exitCode, messageOf, UserError } from "../protocol/errors.js";
import { recipeSchema, type Recipe } from "../protocol/recipe.js";
import { stageFolder, stageNames, type StageName } from "../protocol/stages.js";

export const runFileSchema = z.object({
  version: z.literal(1),
  name: z.string().min(1),
  /** Milliseconds since the epoch. */
  created: z.number(),
  /** The recipe file; on disk relative to the run directory, so that both can be moved together. */
  recipeFile: z.string().min(1),
  model: z.string().min(1),
  targetLength: z.int().positive(),
  /** The stages that it is about, where it is not about all of them: the evaluation of a model, the export of a recipe. */
  only: z.array(z.enum(stageNames)).min(1).optional(),
});
/** run.json, `recipeFile` made absolute. */
export type RunFile = z.infer<typeof runFileSchema>;

/** A run found on disk. */
export interface FoundRun {
  readonly directory: string;
  readonly run: RunFile;
}

/** Every path of a run directory that more than one part of the program knows. */
export function runPaths(directory: string) {
  const stages = join(directory, "stages");
  return {
    directory,
    run: join(directory, "run.json"),
    recipe: join(directory, "recipe.json"),
    events: join(directory, "events.jsonl"),
    control: join(directory, "control"),
    stages,
    results: join(directory, "results.json"),
    reportMarkdown: join(directory, "report.md"),
    reportHtml: join(directory, "report.html"),
    /** Output of the runner when it was started detached. */
    log: join(directory, "runner.log"),
    lock: join(directory, "runner.lock"),
    /** Who holds the lock. */
    owner: join(directory, "runner.json"),
    /** The worker process that was started last. */
    worker: join(directory, "worker.json"),
    merged: join(stages, stageFolder("merge"), "model"),
    stage: (stage: StageName) => join(stages, stageFolder(stage)),
  } as const;
}
export type RunPaths = ReturnType<typeof runPaths>;

/** The folder in which the runs of a recipe lie; stages are shared between the runs of one folder. */
export function runsRoot(recipeFile: string, recipe: Pick<Recipe, "output">): string {
  return resolve(dirname(recipeFile), recipe.output ?? join(".longrecipe", "runs"));
}

/** The recipe file's name without its endings, as a folder's name. */
export function recipeName(recipeFile: string): string {
  const stem = basename(recipeFile)
    .replace(/\.json$/i, "")
    .replace(/\.longrecipe$/i, "");
  return stem.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+/, "") || "run";
}

/** `NAME-YYYYMMDD-HHMMSS` in local time, as people read it. */
export function newRunName(name: string, now: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${String(now.getFullYear())}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${name}-${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** A folder for a new run that does not exist yet. */
export async function newRunDirectory(recipeFile: string, recipe: Pick<Recipe, "output" | "name">, now = new Date()): Promise<string> {
  const base = join(runsRoot(recipeFile, recipe), newRunName(recipe.name ?? recipeName(recipeFile), now));
  for (let n = 1; ; n++) {
    const directory = n === 1 ? base : `${base}-${String(n)}`;
    if (!(await exists(directory))) return directory;
  }
}

/** Makes the folders of a run and writes run.json and recipe.json. On an existing run the recipe is replaced. */
export async function writeRun(
  directory: string,
  recipeFile: string,
  recipe: Recipe,
  { now = Date.now(), only }: { readonly now?: number; readonly only?: ReadonlySet<StageName> | undefined } = {},
): Promise<RunFile> {
  const paths = runPaths(directory);
  const earlier = (await exists(paths.run)) ? await readRun(directory) : null;
  const run: RunFile = {
    version: 1,
    name: recipe.name ?? recipeName(recipeFile),
    created: earlier?.created ?? now,
    recipeFile: resolve(recipeFile),
    model: recipe.model,
    targetLength: recipe.targetLength,
    ...(only === undefined ? {} : { only: [...only] }),
  };
  await mkdir(paths.control, { recursive: true });
  await mkdir(paths.stages, { recursive: true });
  await writeFileAtomic(paths.recipe, json(recipe));
  // Last: a folder with run.json is a run.
  await writeFileAtomic(paths.run, json({ ...run, recipeFile: relative(directory, run.recipeFile) }));
  return run;
}

/**
 * @returns run.json, `recipeFile` absolute.
 * @throws UserError when the folder is not a run.
 */
export async function readRun(directory: string): Promise<RunFile> {
  const run = await readJson(runPaths(directory).run, runFileSchema, directory);
  return { ...run, recipeFile: isAbsolute(run.recipeFile) ? run.recipeFile : resolve(directory, run.recipeFile) };
}

/** The stages that a run is about, so that going on with it does no more; undefined: all. */
export function scopeOf({ only }: Pick<RunFile, "only">): ReadonlySet<StageName> | undefined {
  return only === undefined ? undefined : new Set(only);
}

/**
 * @returns the recipe as the run was started with, every default filled in.
 * @throws UserError when the folder is not a run.
 */
export async function readRunRecipe(directory: string): Promise<Recipe> {
  return readJson(runPaths(directory).recipe, recipeSchema, directory);
}

/** All runs in or under a folder, the latest first. Folders of packages and of version control are not searched. */
export async function findRuns(folder: string): Promise<FoundRun[]> {
  const files = await glob("**/run.json", {
    cwd: folder,
    absolute: true,
    dot: true,
    deep: 8,
    followSymbolicLinks: false,
    ignore: ["**/node_modules/**", "**/.git/**", "**/stages/**", "**/.venv/**"],
  });
  const found = await Promise.all(files.map((file) => tryRun(dirname(file))));
  return found.filter((run) => run !== null).sort((a, b) => b.run.created - a.run.created);
}

async function tryRun(directory: string): Promise<FoundRun | null> {
  try {
    return { directory, run: await readRun(directory) };
  } catch (error) {
    // Somebody else's run.json.
    if (error instanceof UserError) return null;
    throw error;
  }
}

async function readJson<T>(file: string, schema: z.ZodType<T>, directory: string): Promise<T> {
  let parsed: z.ZodSafeParseResult<T>;
  try {
    parsed = schema.safeParse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    throw new UserError(
      "not-a-run",
      `${directory} is not a run: ${basename(file)} cannot be read (${messageOf(error)}).`,
      "Name a run directory, for example one that `longrecipe runs` lists.",
      exitCode.badInput,
    );
  }
  if (parsed.success) return parsed.data;
  throw new UserError(
    "not-a-run",
    `${directory} is not a run: ${basename(file)} does not have the expected form.`,
    "Name a run directory, for example one that `longrecipe runs` lists.",
    exitCode.badInput,
    parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message })),
  );
}

/** Whether a file or folder is there. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return false;
    throw error;
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
