/** How far a run is. */
import { basename } from "node:path";
import * as z from "zod";
import type { Tool } from "./register.js";
import { chosenRun } from "./chosenRun.js";

const inputSchema = z.object({ run: z.string().optional() });

export const runStatus: Tool = ({ store }, input) => {
  const run = chosenRun(store, inputSchema.parse(input).run);
  const { shown: snapshot } = run;
  return Promise.resolve({
    run: basename(run.directory),
    directory: run.directory,
    model: run.run.model,
    targetLength: run.run.targetLength,
    status: run.status,
    followUp: snapshot.followUp,
    fraction: snapshot.fraction,
    device: snapshot.device,
    stages: snapshot.stages.map(({ name, status, fraction, seconds, detail }) => ({ name, status, fraction, seconds, detail })),
    latestMetrics: Object.fromEntries(
      Object.entries(snapshot.latest).map(([stage, { step, totalSteps, values }]) => [stage, { step, totalSteps, ...values }]),
    ),
    latestValidation: snapshot.validations.at(-1) ?? null,
    checkpoint: snapshot.checkpoint,
    error: snapshot.error,
    diagnoses: snapshot.diagnoses.map(({ title, evidence, cause, setting }) => ({ title, evidence, cause, setting })),
    allRuns: store.all().map(({ directory, status }) => ({ run: basename(directory), status })),
  });
};
