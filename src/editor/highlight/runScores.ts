/**
 * The scores that a run has made, read from its tables only as far as they are asked for: an index of the files first,
 * then the tokens of one document, its sentences, the samples that hold them. Knows nothing of VS Code.
 */
import { dirname, join, relative, sep } from "node:path";
import { exists, readRunRecipe, runPaths, type RunFile } from "../../runner/runDirectory.js";
import { prepareFiles, significanceFile } from "../../runner/stages/files.js";
import { withTable, type TableCells } from "../../runner/tables/cells.js";
import type { Recipe } from "../../protocol/recipe.js";
import { fileKey, readScoreIndex, type DocumentPlace, type FileEntry, type ScoreIndex } from "./scoreIndex.js";
import { pause } from "./pause.js";
import { ScoreDistribution } from "./ranks.js";
import { sortPlaces, type ScoredTokens } from "./tokens.js";

/** Scores are read in slices of this many, between which others get their turn. */
const sliceTokens = 1 << 20;

export interface Probabilities {
  readonly base: number;
  readonly extended: number;
}

export class RunScores {
  private indexed: Promise<ScoreIndex> | null = null;
  private distributed: { readonly key: string; readonly value: Promise<ScoreDistribution> } | null = null;
  private readonly significance: string;

  constructor(
    readonly directory: string,
    readonly run: RunFile,
  ) {
    this.significance = join(runPaths(directory).stage("significance"), significanceFile);
  }

  /** Whether the run has scores. Tables are renamed into place when they are whole. */
  isThere(): Promise<boolean> {
    return exists(this.significance);
  }

  /** The documents of a file that the run has scored, or null. */
  async entry(absolute: string): Promise<FileEntry | null> {
    const path = relative(dirname(this.run.recipeFile), absolute).split(sep).join("/");
    return (await this.index()).files.get(path) ?? null;
  }

  /** Tokens of documents, in offsets of each one's text. @param places ascending by batch */
  async tokens(places: readonly DocumentPlace[]): Promise<ScoredTokens[]> {
    return withTable(this.significance, "significance", async (table) => {
      const found: ScoredTokens[] = [];
      let batch = -1;
      let offsets = new Int32Array(0);
      for (const place of places) {
        if (place.batch !== batch) {
          batch = place.batch;
          // The three columns have one length, so one set of offsets tells where a document's cells are in each.
          offsets = Int32Array.from(await table.offsets(batch, "score"));
          await pause();
        }
        const [from, to] = [offsets[place.row] ?? 0, offsets[place.row + 1] ?? 0];
        const starts = await table.int32List(batch, "starts", from, to);
        const ends = await table.int32List(batch, "ends", from, to);
        const score = await table.float32List(batch, "score", from, to);
        for (let at = 0; at < starts.length; at += sliceTokens) {
          sortPlaces(starts, ends, at, Math.min(starts.length, at + sliceTokens));
          if (starts.length > sliceTokens) await pause();
        }
        found.push({ starts, ends, score });
      }
      return found;
    });
  }

  /** Probabilities of one token under both models. */
  async probabilities(place: DocumentPlace, token: number): Promise<Probabilities> {
    return withTable(this.significance, "significance", async (table) => {
      const read = async (column: "base" | "extended"): Promise<number> => {
        const { from } = await cellOf(table, column, place);
        return Math.exp((await table.float32List(place.batch, column, from + token, from + token + 1))[0] ?? Number.NaN);
      };
      return { base: await read("base"), extended: await read("extended") };
    });
  }

  /** How the scores of the whole corpus are spread. */
  async distribution(): Promise<ScoreDistribution> {
    const { key } = await this.index();
    if (this.distributed?.key !== key) this.distributed = { key, value: this.readDistribution() };
    try {
      return await this.distributed.value;
    } catch (error) {
      this.distributed = null;
      throw error;
    }
  }

  /** The document's text as it was scored, or null where the run no longer has it. */
  async text(place: DocumentPlace): Promise<string | null> {
    const path = join(runPaths(this.directory).stage("prepare"), prepareFiles.documents);
    if (!(await exists(path))) return null;
    return withTable(path, "documents", async (table) => {
      for (let batch = 0; batch < table.batches; batch++) {
        const row = (await table.int32(batch, "document")).indexOf(place.document);
        if (row !== -1) return (await table.strings(batch, "text", row, row + 1))[0] ?? null;
      }
      return null;
    });
  }

  /** The recipe, as the run was started with. */
  recipe(): Promise<Recipe> {
    return readRunRecipe(this.directory);
  }

  private async index(): Promise<ScoreIndex> {
    const key = await fileKey(this.significance);
    if (this.indexed !== null) {
      const known = await this.indexed.catch(() => null);
      if (known?.key === key) return known;
    }
    this.indexed = readScoreIndex(this.significance);
    return this.indexed;
  }

  private readDistribution(): Promise<ScoreDistribution> {
    return withTable(this.significance, "significance", async (table) => {
      const distribution = new ScoreDistribution();
      for (let batch = 0; batch < table.batches; batch++) {
        const offsets = await table.offsets(batch, "score");
        const stop = offsets.at(-1) ?? 0;
        for (let from = offsets[0] ?? 0; from < stop; from += sliceTokens) {
          distribution.add(await table.float32List(batch, "score", from, Math.min(stop, from + sliceTokens)));
          await pause();
        }
      }
      return distribution;
    });
  }
}

async function cellOf(
  table: TableCells<"significance">,
  column: "base" | "extended",
  { batch, row }: DocumentPlace,
): Promise<{ from: number; to: number }> {
  const offsets = await table.offsets(batch, column);
  return { from: offsets[row] ?? 0, to: offsets[row + 1] ?? 0 };
}
