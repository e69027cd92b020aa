/** Where a study's files lie. */
import { basename, dirname, join, resolve } from "node:path";
import { nameFrom } from "../protocol/name.js";
import type { LoadedStudy } from "./load.js";

export const studyFiles = { results: "study.json", markdown: "study.md", html: "study.html" } as const;

/** Studies of one folder share their runs; a directory named by hand keeps its runs to itself. */
export function studyPlaces({ file, name }: Pick<LoadedStudy, "file" | "name">, run?: string): { directory: string; runs: string } {
  if (run !== undefined) return { directory: resolve(run), runs: join(resolve(run), "runs") };
  const root = join(dirname(file), ".longrecipe", "studies");
  return { directory: join(root, name), runs: join(root, ".runs") };
}

/** Name of a study that gives itself none: its file's, as a folder's name. */
export function studyName(file: string): string {
  const stem = basename(file)
    .replace(/\.json$/iu, "")
    .replace(/\.(?:longstudy|longrecipe)$/iu, "");
  return nameFrom(stem).replace(/^[-.]+/u, "") || "study";
}
