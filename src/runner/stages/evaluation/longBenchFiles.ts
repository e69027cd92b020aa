/** Where the published files of LongBench, LongBench v2 and LooGLE lie: a folder of the user's, or the hub's cache. Nothing is downloaded. */
import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, extname, isAbsolute, join, relative, resolve } from "node:path";
import process from "node:process";
import { unzipSync } from "fflate";
import { glob } from "tinyglobby";
import type { Format } from "../../../evaluation/longbench/drafts.js";
import { setNames } from "../../../evaluation/longbench/names.js";
import { exitCode, messageOf, UserError } from "../../../protocol/errors.js";
import { exists } from "../../runDirectory.js";
import type { DataFile } from "./dataRows.js";

/** Files of each data set, by its name; a set may be parted into several. */
export type FoundSets = ReadonlyMap<string, readonly DataFile[]>;

const extensions = new Set([".jsonl", ".json", ".parquet"]);
const hubId = /^[\w.-]+\/[\w.-]+$/u;

/** The folder or zip that `path` stands for. @throws UserError where there is none */
export async function dataRoot(path: string, recipeDirectory: string, key: string): Promise<string> {
  const folder = resolve(recipeDirectory, path);
  if (await exists(folder)) return folder;
  const isId = hubId.test(path) && !isAbsolute(path) && !path.startsWith(".");
  const cached = isId ? await cachedSnapshot(path) : null;
  if (cached !== null) return cached;
  const [message, remedy] = isId
    ? [
        `${key}: there is no folder ${path}, and the hub's cache does not hold a data set of this name.`,
        `Fetch it first: hf download ${path} --repo-type dataset. Nothing is downloaded while evaluating.`,
      ]
    : [
        `${key}: there is nothing at ${path}.`,
        "Give the folder of the published files, relative to the recipe, or the hub id of the data set.",
      ];
  throw new UserError("dataset-missing", message, remedy, exitCode.badInput, [{ path: key, message: "not found" }]);
}

/** The snapshot that `main` names, else the newest; null where there is none. */
async function cachedSnapshot(id: string): Promise<string | null> {
  const home = process.env["HF_HOME"] ?? join(homedir(), ".cache", "huggingface");
  const cache = process.env["HF_HUB_CACHE"] ?? join(home, "hub");
  const folder = join(cache, `datasets--${id.replace("/", "--")}`);
  const snapshots = join(folder, "snapshots");
  if (!(await exists(snapshots))) return null;
  const main = join(folder, "refs", "main");
  if (await exists(main)) {
    const named = join(snapshots, (await readFile(main, "utf8")).trim());
    if (await exists(named)) return named;
  }
  const all = await Promise.all(
    (await readdir(snapshots)).map(async (name) => ({ name, time: (await stat(join(snapshots, name))).mtimeMs })),
  );
  const [newest] = all.sort((a, b) => b.time - a.time);
  return newest === undefined ? null : join(snapshots, newest.name);
}

/** Finds the files of every data set of the format. @throws UserError where a zip cannot be read */
export async function findSets(format: Format, root: string): Promise<FoundSets> {
  const names = setNames(format);
  const found = new Map<string, DataFile[]>();
  for (const file of await allFiles(root)) {
    const within = file.entry ?? (relative(root, file.path) || basename(file.path));
    const name = setOfFile(format, within, names);
    if (name === null) continue;
    const known = found.get(name) ?? [];
    // What lies unpacked beside its zip is the same data.
    if (file.entry === undefined || known.every(({ entry }) => entry !== undefined)) found.set(name, [...known, file]);
  }
  return found;
}

/** Plain files first, then those within zips. */
async function allFiles(root: string): Promise<DataFile[]> {
  const isFile = (await stat(root)).isFile();
  const paths = isFile ? [root] : (await glob("**/*.{jsonl,json,parquet,zip}", { cwd: root, absolute: true })).sort();
  const plain = paths.filter((path) => extname(path) !== ".zip").map((path): DataFile => ({ path: resolve(path) }));
  const zipped: DataFile[] = [];
  for (const path of paths.filter((one) => extname(one) === ".zip")) {
    for (const entry of await entriesOf(path)) zipped.push({ path: resolve(path), entry });
  }
  return [...plain, ...zipped];
}

async function entriesOf(path: string): Promise<string[]> {
  const names: string[] = [];
  const zip = await readFile(path);
  try {
    unzipSync(zip, {
      filter({ name }) {
        if (/\.jsonl?$/u.test(name)) names.push(name);
        return false;
      },
    });
  } catch (error) {
    const message = `${path} cannot be read as a zip (${messageOf(error)}).`;
    throw new UserError("dataset-broken", message, "Fetch the file again, or unpack it yourself.", exitCode.badInput, [
      { path, message: messageOf(error) },
    ]);
  }
  return names.sort();
}

/** `data/hotpotqa.jsonl`, `hotpotqa/test-00000-of-00001.parquet` and the like; v2 is one set, whatever its file's name. */
function setOfFile(format: Format, path: string, names: readonly string[]): string | null {
  const extension = extname(path);
  if (!extensions.has(extension)) return null;
  const file = basename(path, extension);
  if (format === "longbench-v2") return /^(?:data|train|test|longbench)/iu.test(file) ? "longbench-v2" : null;
  if (names.includes(file)) return file;
  const folder = path.split(/[/\\]/u).at(-2) ?? "";
  return /^test(?:-|$)/u.test(file) && names.includes(folder) ? folder : null;
}
