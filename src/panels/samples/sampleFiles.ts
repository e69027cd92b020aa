/** Where the sample inspector finds what it shows, in the folders of a run's stages. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { SampleSet } from "../../protocol/sampleInspector.js";
import { exists, type RunPaths } from "../../runner/runDirectory.js";
import { prepareFiles, sampleFiles, selectionFiles, significanceFile } from "../../runner/stages/files.js";

export interface SampleSources {
  /** Tables of samples that this run has. */
  readonly samples: Readonly<Partial<Record<SampleSet, string>>>;
  /** Where the samples of a set come from: the table of origins, and the one of the tokens it points into. */
  readonly origins: Readonly<Partial<Record<SampleSet, { readonly origins: string; readonly tokens: string }>>>;
  readonly documents: string;
  /** null where nothing was scored. */
  readonly significance: string | null;
  readonly threshold: number | null;
}

const summarySchema = z.object({ threshold: z.number() });

/** Looks which tables there are. */
export async function sampleSources(paths: RunPaths): Promise<SampleSources> {
  const [prepare, samples] = [paths.stage("prepare"), paths.stage("samples")];
  const there = async (file: string): Promise<string | null> => ((await exists(file)) ? file : null);
  const [extend, replay, origins, replayOrigins, significance, threshold] = await Promise.all([
    there(join(samples, sampleFiles.extend)),
    there(join(samples, sampleFiles.replay)),
    there(join(samples, sampleFiles.origins)),
    there(join(samples, sampleFiles.replayOrigins)),
    there(join(paths.stage("significance"), significanceFile)),
    readThreshold(join(paths.stage("select"), selectionFiles.summary)),
  ]);
  return {
    samples: { ...(extend !== null && { extend }), ...(replay !== null && { replay }) },
    origins: {
      ...(origins !== null && { extend: { origins, tokens: join(prepare, prepareFiles.tokens) } }),
      ...(replayOrigins !== null && { replay: { origins: replayOrigins, tokens: join(prepare, prepareFiles.replayTokens) } }),
    },
    documents: join(prepare, prepareFiles.documents),
    significance,
    threshold,
  };
}

/** From which score on a token counted as impactful; null where no selection says so. */
async function readThreshold(file: string): Promise<number | null> {
  if (!(await exists(file))) return null;
  return summarySchema.safeParse(JSON.parse(await readFile(file, "utf8"))).data?.threshold ?? null;
}
