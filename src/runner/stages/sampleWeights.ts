/** Adds to the samples of stage `samples` what each token counts in the loss. */
import { closeSync, openSync, readSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import type { LossWeights } from "../../protocol/recipe.js";
import { lossWeights } from "../../recipe/lossWeights.js";
import { readRows } from "../tables/reader.js";
import { writeTable } from "../tables/writer.js";

/** Tables that the weights are made from; the samples are replaced by samples with weights. */
export interface WeightedFiles {
  readonly samples: string;
  readonly origins: string;
  readonly significance: string;
}

/**
 * Rewrites the samples table with the column `weights`. Samples without one are replaced only when the new table is
 * whole. @returns tokens that had no score and so weigh 1
 */
export async function addLossWeights(files: WeightedFiles, settings: LossWeights): Promise<number> {
  const weighted = `${files.samples}.weighted`;
  const scores = await FlatScores.build(`${files.samples}.scores`, files.significance);
  const origins = readRows(files.origins, "origins");
  let unscored = 0;
  try {
    await writeTable(weighted, "weightedSamples", async (writer) => {
      for await (const sample of readRows(files.samples, "samples")) {
        const found = await origins.next();
        if (found.done === true || found.value.sample !== sample.sample) throw new Error(`sample ${sample.sample} has no origin`);
        const score = scores.of(found.value);
        if (score.length !== sample.ids.length) throw new Error(`sample ${sample.sample} has ${score.length} scores`);
        for (let token = 1; token < score.length; token++) if (Number.isNaN(score[token])) unscored++;
        await writer.append({ ...sample, weights: lossWeights(score, settings) });
      }
    });
    await rename(weighted, files.samples);
  } finally {
    await origins.return(undefined);
    await scores.remove();
  }
  return unscored;
}

interface Runs {
  readonly document: Int32Array;
  readonly first: Int32Array;
  readonly end: Int32Array;
}

/** Scores of all documents in one flat file, so that any part can be read; only the documents' places are in memory. */
class FlatScores {
  private constructor(
    private readonly path: string,
    private readonly file: number,
    /** Byte offset by document. */
    private readonly offsets: ReadonlyMap<number, number>,
  ) {}

  static async build(path: string, significance: string): Promise<FlatScores> {
    const offsets = new Map<number, number>();
    const file = await open(path, "w");
    try {
      let offset = 0;
      for await (const { document, score } of readRows(significance, "significance")) {
        offsets.set(document, offset);
        await file.write(new Uint8Array(score.buffer, score.byteOffset, score.byteLength));
        offset += score.byteLength;
      }
    } finally {
      await file.close();
    }
    return new FlatScores(path, openSync(path, "r"), offsets);
  }

  /** Scores of a sample's tokens, run by run. */
  of({ document, first, end }: Runs): Float32Array {
    const size = end.reduce((sum, to, run) => sum + to - (first[run] ?? 0), 0);
    const scores = new Float32Array(size);
    let filled = 0;
    for (let run = 0; run < document.length; run++) {
      const offset = this.offsets.get(document[run] ?? -1);
      if (offset === undefined) throw new Error(`document ${document[run] ?? -1} was not scored`);
      const from = first[run] ?? 0;
      const part = scores.subarray(filled, filled + (end[run] ?? 0) - from);
      if (readSync(this.file, part, 0, part.byteLength, offset + from * 4) !== part.byteLength)
        throw new Error(`${this.path} ends too early`);
      filled += part.length;
    }
    return scores;
  }

  async remove(): Promise<void> {
    closeSync(this.file);
    await rm(this.path, { force: true });
  }
}
