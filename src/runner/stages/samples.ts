/** Stage 4: training samples with skipped positions, and replay samples. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { trainedLength } from "../../protocol/recipe.js";
import { extendSamples, sampleKernel, type Sample } from "../../recipe/samples.js";
import { replaySamples } from "../../recipe/replay.js";
import type { Stage, StageContext } from "../stage.js";
import { batchBytes, writeTable } from "../tables/writer.js";
import { prepareFiles, sampleFiles, selectionFiles, significanceFile } from "./files.js";
import { CoverageRecorder } from "./coverageRecorder.js";
import { replayCorpus } from "./prepare.js";
import { mixtureOf, readPrepareSummary, sourceWeights } from "./prepareSummary.js";
import { progressReporter } from "./progress.js";
import { plainSource, selectedSource } from "./sampleSources.js";
import { addLossWeights } from "./sampleWeights.js";

/** What summary.json of the stage says, for each table. */
export interface SamplesSummary {
  readonly samples: number;
  readonly tokens: number;
  /** Segments, each with consecutive positions. */
  readonly segments: number;
  /** Largest position in any sample. */
  readonly lastPosition: number;
}

export const samplesStage: Stage = {
  name: "samples",
  skip: () => null,
  inputs({ recipe, models }) {
    const { seed, targetLength, positions, selection, training, replay } = recipe;
    const replayed = replayCorpus(recipe);
    return Promise.resolve({
      seed,
      targetLength,
      trainedLength: trainedLength(recipe),
      positions,
      order: selection.order,
      ...(selection.upsample === undefined ? {} : { upsample: selection.upsample }),
      ...(sourceWeights(recipe.corpus) === null ? {} : { mixture: sourceWeights(recipe.corpus) }),
      samples: training.samples,
      weights: training.objective === "significance" ? training.lossWeights : undefined,
      replay: replayed && {
        samples: replay.samples,
        length: replay.length ?? models.base.window,
        ...(sourceWeights(replayed) === null ? {} : { mixture: sourceWeights(replayed) }),
      },
    });
  },
  async run(context) {
    const extend = await writeExtend(context);
    if (context.recipe.training.objective === "significance") await weightSamples(context);
    const replay = replayCorpus(context.recipe) === null ? null : await writeReplay(context);
    const summary = { extend, replay };
    await writeFile(join(context.directory, sampleFiles.summary), `${JSON.stringify(summary, null, 2)}\n`);
    const mean = Math.round(extend.tokens / extend.samples).toLocaleString("en-US");
    const also = replay === null ? "" : `, ${replay.samples} for replay`;
    return `${extend.samples} samples of ${mean} tokens, positions up to ${extend.lastPosition.toLocaleString("en-US")}${also}`;
  },
};

async function writeExtend(context: StageContext): Promise<SamplesSummary> {
  const { recipe, directory } = context;
  const source = await selectedSource(
    join(context.outputOf("prepare"), prepareFiles.tokens),
    join(context.outputOf("select"), selectionFiles.selection),
  );
  const shape = { positions: { ...recipe.positions, targetLength: recipe.targetLength }, trainedLength: trainedLength(recipe) };
  // Ids are at most half of a batch.
  const kernel = sampleKernel(shape, batchBytes / 8);
  try {
    const { sources } = await readPrepareSummary(context.outputOf("prepare"));
    const options = {
      ...shape,
      kernel,
      samples: recipe.training.samples,
      order: recipe.selection.order,
      upsample: recipe.selection.upsample,
      mixture: mixtureOf(recipe.corpus, sources, 0, (index) => source.document(index)),
      seed: recipe.seed,
    };
    const coverage = new CoverageRecorder(options);
    const totals = await writeTable(join(directory, sampleFiles.origins), "origins", (origins) =>
      writeSamples(context, sampleFiles.extend, extendSamples(source, options), options.samples, {
        add(sample) {
          coverage.add(sample);
          return origins.append({ sample: sample.sample, ...sample.origins });
        },
        async written() {
          await origins.flush();
          kernel.reset();
        },
      }),
    );
    await writeFile(join(directory, sampleFiles.coverage), `${JSON.stringify(coverage.file())}\n`);
    return totals;
  } finally {
    kernel.release();
    source.close();
  }
}

async function weightSamples(context: StageContext): Promise<void> {
  const { directory, recipe } = context;
  const unscored = await addLossWeights(
    {
      samples: join(directory, sampleFiles.extend),
      origins: join(directory, sampleFiles.origins),
      significance: join(context.outputOf("significance"), significanceFile),
    },
    recipe.training.lossWeights,
  );
  const message = `Loss weights by significance; ${unscored.toLocaleString("en-US")} tokens without a score weigh 1.`;
  context.emit({ kind: "log", level: "info", message });
}

async function writeReplay(context: StageContext): Promise<SamplesSummary> {
  const { recipe, directory, models } = context;
  const { samples, length = models.base.window } = recipe.replay;
  const source = await plainSource(join(context.outputOf("prepare"), prepareFiles.replayTokens));
  try {
    const { documents, replaySources } = await readPrepareSummary(context.outputOf("prepare"));
    const corpus = recipe.replay.corpus;
    const mixture = corpus && mixtureOf(corpus, replaySources, documents, (index) => source.document(index));
    const made = replaySamples(source, { samples, length, seed: recipe.seed, mixture });
    const tokens = source.sizes.reduce((sum, size) => sum + size.tokens, 0);
    if (tokens < length) {
      const message = `The replay corpus holds ${tokens.toLocaleString("en-US")} tokens, less than one replay sample (${length.toLocaleString("en-US")}): every sample repeats it. Add text to replay.corpus, or choose a smaller replay.length.`;
      context.emit({ kind: "log", level: "warning", message });
    }
    return await writeTable(join(directory, sampleFiles.replayOrigins), "origins", (origins) =>
      writeSamples(context, sampleFiles.replay, made, samples, {
        add: (sample) => origins.append({ sample: sample.sample, ...sample.origins }),
        written: () => Promise.resolve(),
      }),
    );
  } finally {
    source.close();
  }
}

/** What else is done with samples that are written. */
interface Also<S> {
  add(sample: S): Promise<void>;
  /** The arrays of all samples so far are in the file: their memory may be used again. */
  written(): Promise<void>;
}

async function writeSamples<S extends Sample>(
  context: StageContext,
  file: string,
  made: Iterable<S>,
  count: number,
  also: Also<S>,
): Promise<SamplesSummary> {
  const report = progressReporter(context, count, "samples");
  const totals = { samples: 0, tokens: 0, segments: 0, lastPosition: 0 };
  await writeTable(join(context.directory, file), "samples", async (writer) => {
    for (const sample of made) {
      const { ids, positions, segments } = sample;
      await writer.append({ sample: sample.sample, document: sample.document, ids, positions, segments });
      await also.add(sample);
      if (writer.pending === 0) await also.written();
      totals.samples++;
      totals.tokens += sample.ids.length;
      totals.segments += sample.segments.length;
      totals.lastPosition = Math.max(totals.lastPosition, sample.positions.at(-1) ?? 0);
      report(totals.samples);
    }
  });
  return totals;
}
