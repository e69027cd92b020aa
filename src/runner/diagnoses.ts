/** diagnoses.json in a stage's folder: what the stage said of itself, for the report and for runs that take it from the cache. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import * as z from "zod";
import { diagnosisSchema, type Diagnosis } from "../protocol/events.js";
import { systemCode } from "./faults.js";

const file = "diagnoses.json";

export async function writeDiagnoses(stageDirectory: string, diagnoses: readonly Diagnosis[]): Promise<void> {
  await writeFileAtomic(join(stageDirectory, file), `${JSON.stringify(diagnoses, null, 2)}\n`);
}

/** @returns none for a stage that an older version left without the file */
export async function readDiagnoses(stageDirectory: string): Promise<Diagnosis[]> {
  try {
    return z.array(diagnosisSchema).parse(JSON.parse(await readFile(join(stageDirectory, file), "utf8")));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
