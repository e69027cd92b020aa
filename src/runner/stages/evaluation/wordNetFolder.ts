/** Where WordNet's files lie on this machine: the recipe's folder, NLTK's data, or the system's dictionary. Nothing is downloaded. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import process from "node:process";
import { unzipSync } from "fflate";
import { NoWordNet, WordNet, wordNetFiles } from "../../../evaluation/metrics/wordNet.js";
import { messageOf } from "../../../protocol/errors.js";
import { systemCode } from "../../faults.js";
import { exists } from "../../runDirectory.js";

/** WordNet, or why there is none, with what to do. */
export type FoundWordNet = WordNet | { readonly reason: string };

const remedy =
  "Unpack WordNet 3.0 and name its folder as `wordNet`, or get it with `python -m nltk.downloader wordnet` or `apt install wordnet-base`";

/** @param folder from the recipe; undefined: the usual places */
export async function findWordNet(folder: string | undefined, recipeDirectory: string): Promise<FoundWordNet> {
  for (const place of placesOf(folder, recipeDirectory)) {
    try {
      const files = await filesIn(place);
      if (files !== null) return new WordNet(files);
    } catch (error) {
      if (!(error instanceof NoWordNet) && systemCode(error) === null && !place.endsWith(".zip")) throw error;
      return { reason: `METEOR needs WordNet's synonyms, and ${place} cannot be read (${messageOf(error)}). ${remedy}.` };
    }
  }
  const where = folder === undefined ? "this machine has none in the usual places" : `${folder} holds none`;
  return { reason: `METEOR needs WordNet's synonyms, and ${where}. ${remedy}.` };
}

/** Whether there is something that `findWordNet` would take; cheap, for the stage's key. */
export async function hasWordNet(folder: string | undefined, recipeDirectory: string): Promise<boolean> {
  for (const place of placesOf(folder, recipeDirectory)) {
    if (await exists(place.endsWith(".zip") ? place : join(place, "data.noun"))) return true;
  }
  return false;
}

function placesOf(folder: string | undefined, recipeDirectory: string): string[] {
  return folder === undefined ? usualPlaces(process.env, homedir()) : [resolve(recipeDirectory, folder)];
}

/** NLTK's folders in its own order of search, then the system's dictionary. */
export function usualPlaces(environment: Readonly<Record<string, string | undefined>>, home: string): string[] {
  const named = (environment["NLTK_DATA"] ?? "").split(delimiter).filter((one) => one !== "");
  const data = [...named, join(home, "nltk_data"), ...["/usr/share", "/usr/local/share", "/usr/lib", "/usr/local/lib"].map(nltkIn)];
  const appData = environment["APPDATA"];
  if (appData !== undefined) data.push(nltkIn(appData));
  return [
    ...data.flatMap((one) => ["wordnet", "wordnet.zip"].map((name) => join(one, "corpora", name))),
    ...["/usr/share/wordnet", "/usr/local/share/wordnet", "/usr/local/WordNet-3.0/dict"],
  ];
}

function nltkIn(folder: string): string {
  return join(folder, "nltk_data");
}

/** Bytes by name; null where there is no such folder or zip, or none of the files is in it. */
async function filesIn(place: string): Promise<Map<string, Uint8Array> | null> {
  const found = new Map<string, Uint8Array>();
  if (place.endsWith(".zip")) {
    const bytes = await readOrNull(place);
    if (bytes === null) return null;
    const wanted = new Set(wordNetFiles.map((name) => `wordnet/${name}`));
    for (const [name, content] of Object.entries(unzipSync(bytes, { filter: (entry) => wanted.has(entry.name) })))
      found.set(name.slice("wordnet/".length), content);
  } else {
    for (const name of wordNetFiles) {
      const bytes = await readOrNull(join(place, name));
      if (bytes !== null) found.set(name, bytes);
    }
  }
  return found.size === 0 ? null : found;
}

async function readOrNull(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}
