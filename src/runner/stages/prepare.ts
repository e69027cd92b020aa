/** Stage 1: the corpus read, checked, freed of near duplicates, and tokenized. */
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PrepareSummary, SourceSummary } from "../../protocol/corpusSummary.js";
import { exitCode, UserError } from "../../protocol/errors.js";
import { corpusSources, trainedLength, type Corpus, type Recipe } from "../../protocol/recipe.js";
import { NearDuplicates } from "../../recipe/duplicates.js";
import { checkCorpusSize } from "../../recipe/stretches.js";
import type { Stage, StageContext } from "../stage.js";
import { readRows } from "../tables/reader.js";
import { writeTable, type TableWriter } from "../tables/writer.js";
import type { tables } from "../tables/columns.js";
import { corpusInputs, expandCorpus, requireFiles, type CorpusFile } from "./corpusFiles.js";
import { readDocuments } from "./documents.js";
import { badFile } from "../corpus/document.js";
import { DocumentCursor } from "./join.js";
import { prepareFiles } from "./files.js";
import { describeForeign, firstForeign, lacksAddedTokens, type ForeignToken } from "./foreignTokens.js";
import { Omissions, omissionText } from "./omissions.js";
import { progressReporter } from "./progress.js";

/** The replay corpus, where the recipe replays at all. */
export function replayCorpus(recipe: Recipe): Corpus | null {
  return recipe.replay.enabled ? (recipe.replay.corpus ?? null) : null;
}

export const prepareStage: Stage = {
  name: "prepare",
  skip: () => null,
  async inputs({ recipe, recipeDirectory, models }) {
    const replay = replayCorpus(recipe);
    const { enabled, ...deduplication } = recipe.deduplication;
    return {
      tokenizer: models.base.tokenizerHash,
      corpus: await corpusInputs(recipe.corpus, recipeDirectory),
      replay: replay && (await corpusInputs(replay, recipeDirectory)),
      ...(enabled ? { deduplication: { ...deduplication, seed: recipe.seed } } : {}),
      // Only where it tells which documents of the replay corpus can be used, so that older runs keep their keys.
      ...(replay !== null && lacksAddedTokens(models.base) ? { vocabulary: models.base.vocabularySize } : {}),
    };
  },
  async run(context) {
    const { recipe, directory, models } = context;
    const documents = join(directory, prepareFiles.documents);
    const replay = replayCorpus(recipe);
    const { corpusPart, replayPart } = await writeTable(documents, "documents", async (writer) => ({
      corpusPart: await appendCorpus(context, writer, recipe.corpus, "corpus"),
      replayPart: replay === null ? null : await appendCorpus(context, writer, replay, "replay.corpus"),
    }));
    const together = join(directory, "all-tokens.arrow");
    await context.runJob({ kind: "tokenize", model: models.base.path, documents, output: together });
    const parts = [corpusPart, ...(replayPart === null ? [] : [replayPart])];
    const vocabulary = models.base.vocabularySize;
    const texts = new DocumentCursor(documents, "documents");
    const refuse = async (foreign: ForeignToken, source: CountedSource): Promise<void> => {
      const { path, text } = await texts.take(foreign.document);
      const reason = describeForeign(text, foreign, vocabulary);
      const settings = corpusSources(replay ?? []).find(({ key }) => source.key === `replay.corpus${key}`)?.source;
      if (settings?.onError !== "skip") throw badFile(path, reason, "Use a model that has the tokenizer's added tokens, or take them out.");
      replayPart?.omissions.add({ kind: "foreign", path, reason });
      // It keeps its number: sources are told apart by numbers of documents.
      source.documents--;
      source.foreign++;
    };
    const sizes = await splitTokens(directory, together, parts, vocabulary, refuse).finally(() => texts.close());
    if (replayPart !== null) requireDocuments(replayPart);
    const length = recipe.positions.strategy === "full" ? recipe.targetLength : trainedLength(recipe);
    checkCorpusSize(
      sizes.map((tokens) => ({ tokens })),
      length,
    );
    const summary: PrepareSummary = {
      documents: total(corpusPart, "documents"),
      tokens: total(corpusPart, "tokens"),
      replayDocuments: total(replayPart, "documents"),
      replayTokens: total(replayPart, "tokens"),
      sources: corpusPart.sources,
      replaySources: replayPart?.sources ?? [],
      omitted: corpusPart.omissions.result(),
      replayOmitted: replayPart?.omissions.result() ?? null,
    };
    await writeFile(join(directory, prepareFiles.summary), `${JSON.stringify(summary, null, 2)}\n`);
    return summaryLine(summary);
  },
};

function summaryLine(summary: PrepareSummary): string {
  const count = (value: number): string => value.toLocaleString("en-US");
  const { documents, tokens, replayOmitted, replayDocuments, replayTokens } = summary;
  const also = replayDocuments === 0 ? "" : `, and ${replayDocuments} with ${count(replayTokens)} for replay`;
  const omitted = omissionText([summary.omitted, ...(replayOmitted === null ? [] : [replayOmitted])]);
  return `${documents} documents with ${count(tokens)} tokens${also}${omitted === "" ? "" : `; ${omitted}`}`;
}

/** One corpus as it lies in the table: its documents from `first` on, source after source. */
interface CorpusPart {
  readonly first: number;
  readonly files: readonly CorpusFile[];
  readonly sources: CountedSource[];
  readonly omissions: Omissions;
}

/** A source while its documents are counted. */
type CountedSource = { -readonly [K in keyof SourceSummary]: SourceSummary[K] };

function total(part: { readonly sources: readonly SourceSummary[] } | null, what: "documents" | "tokens"): number {
  return part?.sources.reduce((sum, source) => sum + source[what], 0) ?? 0;
}

async function appendCorpus(
  context: StageContext,
  writer: TableWriter<typeof tables.documents>,
  corpus: Corpus,
  key: string,
): Promise<CorpusPart> {
  const files = await expandCorpus(corpus, context.recipeDirectory);
  requireFiles(files, corpus, key);
  const { deduplication, seed } = context.recipe;
  const known = deduplication.enabled ? new NearDuplicates(deduplication, seed) : null;
  const omissions = new Omissions((event) => {
    context.emit(event);
  });
  const sources = corpusSources(corpus).map((source) => ({ key: `${key}${source.key}`, documents: 0, tokens: 0, foreign: 0 }));
  const first = writer.count;
  const report = progressReporter(context, files.length, "files", `reading ${key}`);
  for (const [at, file] of files.entries()) {
    for await (const { source, ...document } of readDocuments([file], omissions.add)) {
      report(at);
      if (known?.isRepeated(document.text) === true) {
        omissions.add({ kind: "repeated", path: document.path, reason: "nearly repeats an earlier document" });
        continue;
      }
      await writer.append({ document: writer.count, ...document });
      const counted = sources[source];
      if (counted !== undefined) counted.documents++;
    }
  }
  const part = { first, files, sources, omissions };
  requireDocuments(part);
  return part;
}

/** @throws UserError where a source has no document that can be used. */
function requireDocuments({ files, sources, omissions }: CorpusPart): void {
  const place = sources.findIndex(({ documents }) => documents === 0);
  const empty = sources[place];
  if (empty === undefined) return;
  const { key, foreign } = empty;
  const count = files.filter(({ source }) => source === place).length;
  const hold = count === 1 ? `The file of ${key} holds` : `The ${count} files of ${key} hold`;
  const left = omissionText([omissions.result()]);
  throw new UserError(
    "corpus-empty",
    `${hold} no ${foreign > 0 ? "text that the model has tokens for" : "text"}${left === "" ? "" : ` (${left})`}.`,
    omissions.result().repeated > 0
      ? "What nearly repeats a document of an earlier source is left out: choose other files, or set deduplication.enabled to false."
      : "Choose files with text, or check textField for tables.",
    exitCode.badInput,
    [{ path: `${key}.include`, message: "no text in any file" }],
  );
}

/**
 * Parts the tokens of corpus and replay corpus, and counts them by source.
 * @param refuse told of replay documents with tokens that the model lacks, which are left out
 * @returns tokens of each document of the corpus
 */
async function splitTokens(
  directory: string,
  together: string,
  parts: readonly CorpusPart[],
  vocabulary: number,
  refuse: (foreign: ForeignToken, source: CountedSource) => Promise<void>,
): Promise<number[]> {
  const sizes: number[] = [];
  const sourceOf = documentSources(parts);
  const corpusEnd = parts[1]?.first ?? Infinity;
  const count = (document: number, tokens: number): void => {
    const source = sourceOf(document);
    if (source !== undefined) source.tokens += tokens;
    if (document < corpusEnd) sizes.push(tokens);
  };
  const corpusPath = join(directory, prepareFiles.tokens);
  if (parts.length === 1) {
    for await (const { document, ids } of readRows(together, "tokens")) count(document, ids.length);
    await rename(together, corpusPath);
    return sizes;
  }
  await writeTable(corpusPath, "tokens", (corpus) =>
    writeTable(join(directory, prepareFiles.replayTokens), "tokens", async (replay) => {
      for await (const row of readRows(together, "tokens")) {
        const token = row.document < corpusEnd ? -1 : firstForeign(row.ids, vocabulary);
        const source = token === -1 ? undefined : sourceOf(row.document);
        if (source !== undefined) {
          await refuse({ document: row.document, token, id: row.ids[token] ?? 0, start: row.starts[token] ?? 0 }, source);
          continue;
        }
        count(row.document, row.ids.length);
        await (row.document < corpusEnd ? corpus : replay).append(row);
      }
    }),
  );
  await rm(together);
  return sizes;
}

/** Finds the source of a document by its number; numbers must ascend from call to call. */
function documentSources(parts: readonly CorpusPart[]): (document: number) => CountedSource | undefined {
  const ends: { end: number; source: CountedSource }[] = [];
  for (const { first, sources } of parts) {
    let end = first;
    for (const source of sources) {
      end += source.documents;
      ends.push({ end, source });
    }
  }
  let at = 0;
  return (document) => {
    while (at < ends.length && document >= (ends[at]?.end ?? Infinity)) at++;
    return ends[at]?.source;
  };
}
