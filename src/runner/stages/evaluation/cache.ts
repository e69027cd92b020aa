/**
 * Answers and scores of models that no run makes (the base, and the base with rescaled positions), kept beside the runs:
 * every run of a folder compares itself with them on the same prompts, so they are computed once.
 */
import { copyFile, mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import type { ModelSpec } from "../../../protocol/jobs.js";
import { hashOf } from "../../cacheKey.js";
import { exclusive } from "../../exclusive.js";
import { exists } from "../../runDirectory.js";
import type { TaskTokenizer } from "./benchmark.js";

/** A model as an evaluation names it. */
export interface EvaluatedModel {
  readonly name: string;
  readonly model: ModelSpec;
  /** Everything its answers depend on besides the question, as JSON; left out where they are not to be kept. */
  readonly identity?: unknown;
  /** Its tokenizer, where it is another than the task's. */
  readonly tokenizer?: TaskTokenizer;
  /** Whether its tokens are others than the task's: nothing that is measured by the token can then be compared. */
  readonly otherTokens?: boolean;
  /**
   * Longer prompts are not asked of it. Left out: they are, as of the models of a run, whose very point is what happens
   * beyond the window.
   */
  readonly window?: number;
}

export interface CachedWork {
  /** Folder of kept tables; undefined: nothing is kept. */
  readonly cache: string | undefined;
  readonly models: readonly EvaluatedModel[];
  /** What the models are asked, as JSON. */
  readonly question: unknown;
  /** Table of a model, absolute. */
  readonly table: (model: string) => string;
  /** Makes the tables of these models. */
  readonly work: (models: readonly { name: string; model: ModelSpec }[]) => Promise<void>;
  /** Whether a made table is to be kept; left out: always. */
  readonly isWhole?: (table: string) => Promise<boolean>;
}

/** Brings the table of every model about: from the cache where it is known, else by working. */
export async function withCache({ cache, models, question, table, work, isWhole }: CachedWork): Promise<void> {
  const plain = ({ name, model }: EvaluatedModel): { name: string; model: ModelSpec } => ({ name, model });
  const keyed = models.flatMap((model) =>
    cache === undefined || model.identity === undefined
      ? []
      : [{ ...plain(model), kept: join(cache, `${hashOf({ identity: model.identity, question })}.arrow`) }],
  );
  const ask = async (): Promise<void> => {
    const missing = new Set(models.map(({ name }) => name));
    for (const { name, kept } of keyed) {
      if (!(await exists(kept))) continue;
      await copyFile(kept, table(name));
      missing.delete(name);
    }
    if (missing.size > 0) await work(models.filter(({ name }) => missing.has(name)).map(plain));
    for (const { name, kept } of keyed) {
      if (missing.has(name) && (isWhole === undefined || (await isWhole(table(name))))) await keep(table(name), kept);
    }
  };
  // Another run of this process may be asking the same models the same.
  await (keyed.length === 0 ? ask() : exclusive(hashOf(keyed.map(({ kept }) => kept)), ask));
}

async function keep(table: string, kept: string): Promise<void> {
  await mkdir(dirname(kept), { recursive: true });
  const beside = `${kept}.${String(process.pid)}`;
  await copyFile(table, beside);
  await rename(beside, kept);
}
