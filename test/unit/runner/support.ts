/** Helpers of the runner's unit tests: folders that go away, pipelines of fake stages, workers of a few lines. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { EventPayload, RunEvent } from "../../../src/protocol/events.js";
import { recipeSchema, type Recipe } from "../../../src/protocol/recipe.js";
import type { StageName } from "../../../src/protocol/stages.js";
import type { Inspection } from "../../../src/protocol/tables.js";
import type { Stage, StageContext } from "../../../src/runner/stage.js";

/** An empty folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "longrecipe-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function recipe(change: object = {}): Recipe {
  return recipeSchema.parse({ model: "model", targetLength: 64, corpus: { include: ["corpus"] }, ...change });
}

export const inspection: Inspection = {
  model: "model",
  path: "/model",
  architecture: "LlamaForCausalLM",
  modelType: "llama",
  window: 16,
  vocabularySize: 32,
  parameters: 1000,
  hiddenSize: 8,
  layers: 1,
  headDimension: 4,
  ropeParameters: { rope_type: "default", rope_theta: 10_000 },
  tokenizerHash: "t",
  hasOffsets: true,
  contentHash: "c",
};

/** A stage that counts how often it really worked. */
export function fakeStage(
  name: StageName,
  work: (context: StageContext) => Promise<string>,
  inputs: (context: StageContext) => unknown = () => ({}),
) {
  const calls = { count: 0 };
  const stage: Stage = {
    name,
    skip: () => null,
    inputs: (context) => Promise.resolve(inputs(context)),
    run: async (context) => {
      calls.count += 1;
      return work(context);
    },
  };
  return { stage, calls };
}

/** A Node program that can be started as if it were Python; `body` sees `job` and `emit`. */
export async function fakeWorker(folder: string, body: string): Promise<string> {
  const file = join(folder, "fake-python");
  const code = `#!${process.execPath}
const fs = require("node:fs");
const job = JSON.parse(fs.readFileSync(process.argv.at(-1), "utf8"));
const emit = (event) => fs.appendFileSync(job.events, JSON.stringify({ time: Date.now(), ...event }) + "\\n");
(async () => {${body}})();
`;
  await writeFile(file, code);
  await chmod(file, 0o755);
  return file;
}

/** Collects events with the stage they belong to. */
export function recorder(): { events: [string, StageName | null][]; emit: (event: EventPayload, stage: StageName | null) => void } {
  const events: [string, StageName | null][] = [];
  return { events, emit: (event, stage) => events.push([event.kind === "stage" ? event.status : event.kind, stage]) };
}

export function kinds(events: readonly RunEvent[]): string[] {
  return events.map((event) => (event.kind === "stage" || event.kind === "run" ? `${event.kind} ${event.status}` : event.kind));
}
