import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { EventPayload } from "../../../src/protocol/events.js";
import { recipeSchema, type RecipeInput } from "../../../src/protocol/recipe.js";
import { stageFolder, type StageName } from "../../../src/protocol/stages.js";
import type { Inspection } from "../../../src/protocol/tables.js";
import type { JobRequest, Stage, StageContext } from "../../../src/runner/stage.js";
import { readAll } from "../../../src/runner/tables/reader.js";
import { writeTable } from "../../../src/runner/tables/writer.js";
import { Words } from "../evaluation/words.js";
import { asItIs, type WorkerPayload } from "../../../src/runner/workerEvents.js";

const baseInspection: Inspection = {
  model: "fake",
  path: "fake",
  architecture: "FakeForCausalLM",
  modelType: "fake",
  window: 64,
  vocabularySize: 1 << 20,
  parameters: 1,
  hiddenSize: 1,
  layers: 1,
  headDimension: 32,
  ropeParameters: { rope_theta: 1e4 },
  tokenizerHash: "t",
  hasOffsets: true,
  contentHash: "c",
};

/** A worker in a few lines: a token is a word with the blank before it; numbers score high; `merged` knows every code. */
export class FakeWorker {
  readonly jobs: JobRequest[] = [];
  /** `MODEL DOCUMENT`: documents with no finite logits in their second half. */
  readonly unscored = new Set<string>();
  /** `MODEL PROMPT`: prompts whose logits are not finite. */
  readonly unanswered = new Set<string>();
  /** false: every measurement while training fails. */
  measures = true;
  private readonly words = new Words();

  /** @param tell what a worker's events file would take */
  async run(job: JobRequest, tell: (event: WorkerPayload) => void = () => undefined): Promise<void> {
    this.jobs.push(job);
    if (job.kind === "tokenize") await this.tokenize(job.documents, job.output);
    else if (job.kind === "score")
      for (const { name } of job.models) await this.score(job.tokens, name, join(job.output, `scores-${name}.arrow`));
    else if (job.kind === "generate")
      for (const { name } of job.models) await this.generate(job.prompts, name, join(job.output, `generations-${name}.arrow`));
    else if (job.kind === "train") await this.train(job, tell);
  }

  /** Loses a tenth of a nat a step on everything, and learns to answer at the last one. */
  private async train(job: Extract<JobRequest, { kind: "train" }>, tell: (event: WorkerPayload) => void): Promise<void> {
    await mkdir(join(job.output, "model"), { recursive: true });
    tell({ kind: "device", device: "cuda", name: "NVIDIA H100 80GB HBM3", precision: "bfloat16" });
    for (let step = 0; step <= job.steps; step++) {
      if (step > 0)
        tell({ kind: "metric", step, totalSteps: job.steps, values: { loss: 5 - step / 10, tokensPerSecond: 1e6, memoryBytes: 7 } });
      const between = step % job.checkpointEvery === 0 && job.validation?.between !== false;
      if (!this.measures || job.validation === undefined || !(between || step === 0 || step === job.steps)) continue;
      const { bins, documents, prompts, probe } = job.validation;
      const lengths = (await readAll(documents, "tokens")).map(({ ids }) => ids.length);
      const counted = bins.map((end, at) => {
        const start = at === 0 ? 1 : bins[at - 1]!;
        const tokens = lengths.reduce((sum, length) => sum + Math.max(0, Math.min(length, end) - start), 0);
        return { end, tokens, sum: tokens * (3 + at - step / 10) };
      });
      const asked = prompts === undefined ? [] : await readAll(prompts, "prompts");
      const answers = asked.map(({ prompt, ids }) => ({ prompt, text: step === job.steps ? this.answer(ids) : " no" }));
      const probed = probe === undefined ? [] : await readAll(probe, "samples");
      const effects = probed.map(({ ids }) => ({ tokens: ids.length - 1, plain: 3 * ids.length, skipped: (4 - step / 10) * ids.length }));
      tell({ kind: "measurement", step, seconds: 0.5, bins: counted, answers, ...(probe === undefined ? {} : { probe: effects }) });
    }
  }

  private answer(ids: Int32Array): string {
    const text = this.text(ids);
    const key = /of (\w+) is$/u.exec(text)?.[1] ?? "";
    return ` ${new RegExp(`of ${key} is (\\d+)\\.`, "u").exec(text)?.[1] ?? ""}.`;
  }

  text(ids: Iterable<number>): string {
    return this.words.text(ids);
  }

  private async tokenize(documents: string, output: string): Promise<void> {
    const rows = await readAll(documents, "documents");
    await writeTable(output, "tokens", async (writer) => {
      for (const { document, text } of rows) await writer.append({ document, ...this.words.tokenize(text) });
    });
  }

  private async score(tokens: string, model: string, output: string): Promise<void> {
    const rows = await readAll(tokens, "tokens");
    await writeTable(output, "scores", async (writer) => {
      for (const { document, ids } of rows) {
        const gain = model === "base" ? 0 : 5;
        const isBad = this.unscored.has(`${model} ${document}`);
        const logit = Float32Array.from(ids, (id, at) =>
          at === 0 || (isBad && at > ids.length / 2) ? Number.NaN : 1 + (/^\s*\d+$/u.test(this.text([id])) ? gain : (id % 7) / 10),
        );
        await writer.append({ document, logit, logprob: logit.map((value) => value - 9) });
      }
    });
  }

  private async generate(prompts: string, model: string, output: string): Promise<void> {
    const rows = await readAll(prompts, "prompts");
    await writeTable(output, "generations", async (writer) => {
      for (const { prompt, ids } of rows) {
        if (this.unanswered.has(`${model} ${prompt}`)) continue;
        await writer.append({ prompt, ids: Int32Array.of(), text: model === "merged" ? this.answer(ids) : " no" });
      }
    });
  }
}

/** Runs stages one after the other in a folder, as the pipeline does. */
export class StageBench {
  readonly worker = new FakeWorker();
  readonly events: EventPayload[] = [];
  readonly skipped = new Set<StageName>(["replay"]);
  readonly inspection: Inspection;
  readonly further = new Map<string, Inspection>();
  readonly recipe;

  constructor(
    private readonly folder: string,
    recipe: Partial<RecipeInput>,
    model: Partial<Inspection> = {},
  ) {
    this.inspection = { ...baseInspection, ...model };
    this.recipe = recipeSchema.parse({ model: "fake", targetLength: 256, corpus: { include: ["corpus"] }, ...recipe });
  }

  context(stage: StageName): StageContext {
    return {
      recipe: this.recipe,
      recipeDirectory: this.folder,
      models: { base: this.inspection, reference: null, further: this.further },
      directory: this.output(stage),
      outputOf: (earlier) => this.output(earlier),
      wasSkipped: (earlier) => this.skipped.has(earlier),
      emit: (event) => this.events.push(event),
      runJob: (job, translate = asItIs) =>
        this.worker.run(job, (event) => {
          const told = translate(event);
          if (told !== null) this.events.push(told);
        }),
      checkpoint: () => undefined,
    };
  }

  async run(stage: Stage): Promise<string> {
    await mkdir(this.output(stage.name), { recursive: true });
    return stage.run(this.context(stage.name));
  }

  output(stage: StageName): string {
    return join(this.folder, "run", "stages", stageFolder(stage));
  }
}
