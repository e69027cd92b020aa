/** Files by patterns, and what stands in the way of finding them. */
import * as nodeFs from "node:fs";
import { resolve } from "node:path";
import { glob } from "tinyglobby";
import { systemCode } from "../tables/faults.js";

export type FileSystem = Pick<typeof nodeFs, "readdir" | "realpath" | "stat" | "lstat">;

/**
 * Absolute paths of the files that fit. Among them are links that lead nowhere, and folders that cannot be read: whoever
 * reads them will say so, while the library passes over both in silence, and the corpus would only be smaller.
 */
export async function findFiles(
  patterns: string[],
  options: { readonly cwd: string; readonly ignore: string[] },
  system: FileSystem = nodeFs,
): Promise<string[]> {
  const closed: string[] = [];
  const found = await glob(patterns, {
    ...options,
    absolute: true,
    onlyFiles: true,
    expandDirectories: false,
    fs: watched(system, (folder) => closed.push(folder)),
  });
  return [...found, ...closed].map((path) => resolve(path));
}

/** The calls that the library makes, with faults told. Of the signatures of `node:fs` it uses one each. */
function watched(system: FileSystem, close: (folder: string) => void): Partial<FileSystem> {
  type Done<R> = (error: NodeJS.ErrnoException | null, result: R) => void;
  const readdir = (path: string, options: { withFileTypes: true }, done: Done<nodeFs.Dirent[]>): void => {
    system.readdir(path, options, (error, entries) => {
      // A pattern may well begin with a folder that is not there.
      if (error !== null && systemCode(error) !== "ENOENT" && systemCode(error) !== "ENOTDIR") close(path);
      done(error, entries);
    });
  };
  const realpath = (path: string, done: Done<string>): void => {
    system.realpath(path, (error, real) => done(null, error === null ? real : path));
  };
  // A link that leads nowhere is no folder; so it counts as a file.
  const stat = (path: string, done: Done<nodeFs.Stats>): void => {
    system.stat(path, (error, stats) => (error === null ? done(null, stats) : system.lstat(path, done)));
  };
  return { readdir, realpath, stat } as unknown as Partial<FileSystem>;
}
