/** Finished and unfinished stages on disk, and their reuse within a run and between the runs of one folder. */
import type { Dirent } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import * as z from "zod";
import { stageFolder, stageNames, type StageName } from "../protocol/stages.js";
import { exists, type RunPaths } from "./runDirectory.js";

const manifestSchema = z.object({
  stage: z.enum(stageNames),
  key: z.string(),
  /** Relative to the run directory. */
  directory: z.string(),
  seconds: z.number(),
  detail: z.string(),
  /** Results the stage announced; paths relative to its directory. */
  results: z.array(z.object({ name: z.string(), path: z.string() })),
});
/** stages/NN-name.json: a stage that is done. Written last, so its folder is whole. */
export type StageManifest = z.infer<typeof manifestSchema>;

/** The manifest of a done stage of this key, or null. */
export async function finishedStage(paths: RunPaths, stage: StageName, key: string): Promise<StageManifest | null> {
  const manifest = await readManifest(paths.stages, stage);
  return manifest?.key === key && (await exists(paths.stage(stage))) ? manifest : null;
}

/** The latest manifest of a stage, whatever its key, or null. */
export async function readManifest(stagesDirectory: string, stage: StageName): Promise<StageManifest | null> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(stagesDirectory, `${stageFolder(stage)}.json`), "utf8")));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/**
 * Looks for a done stage of this key in the other runs of the same folder and, if there is one, makes its files
 * this run's own: by hard links, which cost no space, so that either run can be removed without the other noticing.
 */
export async function adoptStage(
  paths: RunPaths,
  stage: StageName,
  key: string,
  isWhole: (directory: string) => Promise<boolean> = () => Promise.resolve(true),
): Promise<StageManifest | null> {
  for (const directory of await siblings(paths.directory)) {
    const stages = join(directory, "stages");
    const source = join(stages, stageFolder(stage));
    if ((await tryManifest(stages, stage))?.key !== key || !(await isWhole(source))) continue;
    const beside = `${paths.stage(stage)}.adopting`;
    await rm(beside, { recursive: true, force: true });
    try {
      await linkTree(source, beside);
    } catch (error) {
      // The other run may be cleaned up at this very moment: then there is nothing to adopt.
      if (!isMissing(error)) throw error;
      await rm(beside, { recursive: true, force: true });
      continue;
    }
    const manifest = await tryManifest(stages, stage);
    if (manifest?.key !== key) continue;
    await discardStage(paths, stage);
    await rename(beside, paths.stage(stage));
    await writeFileAtomic(keyFile(paths, stage), key);
    await writeManifest(paths, manifest);
    return manifest;
  }
  return null;
}

/** Makes the stage's folder ready: what an earlier try with the same key left is kept, anything else is removed. */
export async function prepareStage(paths: RunPaths, stage: StageName, key: string): Promise<void> {
  if ((await readKey(paths, stage)) !== key) await discardStage(paths, stage);
  await rm(manifestFile(paths, stage), { force: true });
  await writeFileAtomic(keyFile(paths, stage), key);
  await mkdir(paths.stage(stage), { recursive: true });
}

/** Declares a stage done. */
export async function writeManifest(paths: RunPaths, manifest: StageManifest): Promise<void> {
  await writeFileAtomic(manifestFile(paths, manifest.stage), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Removes a stage's output. The manifest goes first: never does it stand beside half a folder. */
export async function discardStage(paths: RunPaths, stage: StageName): Promise<void> {
  await rm(manifestFile(paths, stage), { force: true });
  await rm(keyFile(paths, stage), { force: true });
  await rm(paths.stage(stage), { recursive: true, force: true });
}

function manifestFile(paths: RunPaths, stage: StageName): string {
  return `${paths.stage(stage)}.json`;
}

/** stages/NN-name.key: for which inputs the folder's content, finished or not, was made. */
function keyFile(paths: RunPaths, stage: StageName): string {
  return `${paths.stage(stage)}.key`;
}

async function readKey(paths: RunPaths, stage: StageName): Promise<string | null> {
  try {
    return await readFile(keyFile(paths, stage), "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function siblings(runDirectory: string): Promise<string[]> {
  const root = dirname(runDirectory);
  const entries = await readdir(root, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const directory = join(root, entry.name);
      return directory === runDirectory ? [] : [directory];
    });
}

/** A neighbour's manifest. One that cannot be understood (of another version, say) is as good as none. */
async function tryManifest(stagesDirectory: string, stage: StageName): Promise<StageManifest | null> {
  try {
    return await readManifest(stagesDirectory, stage);
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function linkTree(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const entry of await readdir(source, { withFileTypes: true })) {
    if (entry.isDirectory()) await linkTree(join(source, entry.name), join(target, entry.name));
    else await linkOrCopy(source, target, entry);
  }
}

async function linkOrCopy(source: string, target: string, entry: Dirent): Promise<void> {
  const from = join(source, entry.name);
  const to = join(target, entry.name);
  try {
    await link(from, to);
  } catch (error) {
    // File systems without hard links, and runs folders that span two of them.
    if (!(
      error instanceof Error &&
      "code" in error &&
      ["EPERM", "EXDEV", "ENOTSUP", "EMLINK", "EOPNOTSUPP"].includes(String(error.code))
    )) {
      throw error;
    }
    await copyFile(from, to);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
