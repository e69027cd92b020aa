/** The files of a corpus: globs and folders of a recipe, expanded. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { escapePath, isDynamicPattern } from "tinyglobby";
import { exitCode, UserError } from "../../protocol/errors.js";
import { corpusSources, type Corpus, type CorpusSource, type Recipe } from "../../protocol/recipe.js";
import { findFiles } from "../corpus/findFiles.js";
import { listedByState } from "../corpus/savedDatasets.js";
import { folderIgnores, folderPattern } from "../corpus/formats.js";
import type { SourceFiles } from "../../recipe/check.js";
import { fileFault, systemCode } from "../tables/faults.js";

export interface CorpusFile {
  readonly absolute: string;
  /** Relative to the recipe file, with forward slashes. */
  readonly path: string;
  /** Place of its source in the corpus, and how that source is to be read. */
  readonly source: number;
  readonly settings: CorpusSource;
}

/**
 * Files of a corpus by source and then by path, so that every machine sees one order. Each once, whatever names links
 * give it: what is read twice would be trained on twice.
 */
export async function expandCorpus(corpus: Corpus, recipeDirectory: string): Promise<CorpusFile[]> {
  return (await expandSources(corpus, recipeDirectory)).flatMap(({ own }) => own);
}

type FoundFile = Pick<CorpusFile, "absolute" | "path">;

interface ExpandedSource {
  /** Key path in the corpus. */
  readonly key: string;
  readonly settings: CorpusSource;
  /** All that it names. */
  readonly found: readonly FoundFile[];
  /** Those of them that no source before it names. */
  readonly own: readonly CorpusFile[];
}

async function expandSources(corpus: Corpus, recipeDirectory: string): Promise<ExpandedSource[]> {
  const known = new Set<string>();
  const sources: ExpandedSource[] = [];
  for (const [source, { key, source: settings }] of corpusSources(corpus).entries()) {
    const found = await expandSource(settings, recipeDirectory);
    const real = await Promise.all(found.map(({ absolute }) => realPath(absolute)));
    const own: CorpusFile[] = [];
    for (const [at, file] of found.entries()) {
      const path = real[at] ?? file.absolute;
      if (known.has(path)) continue;
      known.add(path);
      own.push({ ...file, source, settings });
    }
    sources.push({ key, settings, found, own });
  }
  return sources;
}

/** The path itself where it leads nowhere: reading it will tell. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return path;
  }
}

async function expandSource(source: CorpusSource, recipeDirectory: string): Promise<FoundFile[]> {
  const patterns = await Promise.all(source.include.map((pattern) => filePattern(pattern, recipeDirectory)));
  const ignore = [...source.exclude, ...(patterns.some((pattern) => pattern.endsWith(folderPattern)) ? folderIgnores : [])];
  const listed = await listedByState(await findFiles(patterns, { cwd: recipeDirectory, ignore }));
  const files = listed.map((absolute) => ({ absolute, path: relative(recipeDirectory, absolute).split(sep).join("/") }));
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** A folder stands for the files in it that a corpus may hold; a name that exists is taken as it is, whatever signs it holds. */
async function filePattern(pattern: string, recipeDirectory: string): Promise<string> {
  const slashed = pattern.split(sep).join("/").replace(/\/+$/u, "");
  try {
    const found = await stat(resolve(recipeDirectory, pattern));
    return found.isDirectory() ? `${escapePath(slashed)}/${folderPattern}` : escapePath(slashed);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return isDynamicPattern(slashed) ? slashed : escapePath(slashed);
  }
}

/** The corpora that a recipe names, by key path. */
export function namedCorpora(recipe: Recipe): Record<string, Corpus> {
  const { needle, perplexity, ruler } = recipe.evaluation;
  return {
    corpus: recipe.corpus,
    ...(recipe.replay.enabled && recipe.replay.corpus ? { "replay.corpus": recipe.replay.corpus } : {}),
    ...(needle.enabled && needle.haystack ? { "evaluation.needle.haystack": needle.haystack } : {}),
    ...(perplexity.enabled && perplexity.corpus ? { "evaluation.perplexity.corpus": perplexity.corpus } : {}),
    ...(ruler.enabled && ruler.haystack ? { "evaluation.ruler.haystack": ruler.haystack } : {}),
  };
}

/** The files of each source, by key path: the facts that `checkFacts` asks for before anything starts. */
export async function corpusFileFacts(recipe: Recipe, recipeDirectory: string): Promise<Record<string, SourceFiles>> {
  const facts: Record<string, SourceFiles> = {};
  for (const [path, corpus] of Object.entries(namedCorpora(recipe))) {
    for (const expanded of await expandSources(corpus, recipeDirectory)) {
      facts[`${path}${expanded.key}`] = await sourceFiles(expanded, recipeDirectory);
    }
  }
  return facts;
}

async function sourceFiles({ settings: source, found: files, own }: ExpandedSource, recipeDirectory: string): Promise<SourceFiles> {
  const there = await Promise.all(source.include.map((pattern) => isThere(pattern, recipeDirectory)));
  const missing = there.flatMap((found, place) => (found ? [] : [place]));
  const json = files.filter(({ path }) => /\.json(?:\.gz|\.zst)?$/iu.test(path)).length;
  // One that takes files away, or stands alone, is told otherwise.
  const patterns = source.include.length === 1 ? [] : source.include.filter((name) => isDynamicPattern(name) && !name.startsWith("!"));
  const matches = await Promise.all(patterns.map((pattern) => expandSource({ ...source, include: [pattern] }, recipeDirectory)));
  const idle = patterns.filter((_, at) => matches[at]?.length === 0);
  const hasExcluded = files.length === 0 && source.exclude.length > 0;
  const excluded = hasExcluded ? (await expandSource({ ...source, exclude: [] }, recipeDirectory)).length : 0;
  return { own: own.length, files: files.length, json, idle, excluded, missing };
}

/** Whether what is named without signs of a pattern exists. */
async function isThere(pattern: string, recipeDirectory: string): Promise<boolean> {
  if (isDynamicPattern(pattern.split(sep).join("/"))) return true;
  try {
    await lstat(resolve(recipeDirectory, pattern));
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return false;
    throw fileFault(error, "read", pattern);
  }
}

/** @throws UserError where a source of the corpus at `key` has no file. */
export function requireFiles(files: readonly CorpusFile[], corpus: Corpus, key: string): void {
  for (const [place, { key: part, source }] of corpusSources(corpus).entries()) {
    if (files.some((file) => file.source === place)) continue;
    throw new UserError(
      "corpus-missing",
      `No file matches ${key}${part}.include (${source.include.join(", ")}).`,
      "Check the paths; they are relative to the recipe file. A folder stands for the text, code and table files in it.",
      exitCode.badInput,
      [{ path: `${key}${part}.include`, message: "no file matches" }],
    );
  }
}

/** Hashes of files that have not changed since this process read them, by path, size and time. */
const known = new Map<string, string>();

/** SHA-256 of a file's bytes, hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path);
    const state = JSON.stringify([path, size, mtimeMs]);
    const before = known.get(state);
    if (before !== undefined) return before;
    const hash = createHash("sha256");
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
    const digest = hash.digest("hex");
    known.set(state, digest);
    return digest;
  } catch (error) {
    throw fileFault(error, "read", path);
  }
}

/** What a stage that reads a corpus depends on: the names and contents of its files, and how they are read. */
export async function corpusInputs(corpus: Corpus, recipeDirectory: string): Promise<unknown> {
  const files = await expandCorpus(corpus, recipeDirectory);
  const sources = corpusSources(corpus).map(({ source: { textField, onError } }) => ({
    textField,
    // Only where it is not the default, so that older runs keep their keys.
    ...(onError === "skip" ? { onError } : {}),
    files: new Array<[string, string]>(),
  }));
  for (const file of files) sources[file.source]?.files.push([file.path, await hashOrNothing(file)]);
  return Array.isArray(corpus) ? sources : sources[0];
}

/** A file that cannot be read is left out by `onError: "skip"`, and so has a key like any other. */
async function hashOrNothing(file: CorpusFile): Promise<string> {
  try {
    return await hashFile(file.absolute);
  } catch (error) {
    if (error instanceof UserError && file.settings.onError === "skip") return error.code;
    throw error;
  }
}
