/** Folders that Hugging Face `datasets` wrote (`save_to_disk`): state.json names the Arrow files that belong to it. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { exitCode, UserError } from "../../protocol/errors.js";
import { systemCode } from "../tables/faults.js";

const stateSchema = z.object({ _data_files: z.array(z.object({ filename: z.string() })) });

/** Leaves out Arrow files that lie beside a state.json and are not named in it (caches of earlier transformations). */
export async function listedByState(files: readonly string[]): Promise<string[]> {
  const folders = new Set(files.filter((file) => file.endsWith(".arrow")).map((file) => dirname(file)));
  const listed = new Map<string, ReadonlySet<string> | null>();
  for (const folder of folders) listed.set(folder, await namedFiles(join(folder, "state.json")));
  return files.filter((file) => !file.endsWith(".arrow") || listed.get(dirname(file))?.has(basename(file)) !== false);
}

async function namedFiles(path: string): Promise<ReadonlySet<string> | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
  try {
    return new Set(stateSchema.parse(JSON.parse(text))._data_files.map(({ filename }) => filename));
  } catch {
    throw new UserError(
      "dataset-broken",
      `${path} is not the state of a saved dataset.`,
      "Save the dataset again with save_to_disk, or name its .arrow files instead of the folder.",
      exitCode.badInput,
      [{ path, message: "no _data_files" }],
    );
  }
}
