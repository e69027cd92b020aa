/** Where samples come from: the tables of earlier stages, in random access. */
import { join } from "node:path";
import { segmentedDocuments } from "./corpusSentences.js";
import { DiskSource } from "./diskSource.js";
import { SelectedSentences } from "./selectedSentences.js";
import { ScratchSentences, withoutSentences, type SourceDocument } from "./sentenceStore.js";
import { TokenIndex } from "./tokenIndex.js";

const scratch = "scratch.bin";

/** Documents that were scored, with the impactful tokens of their sentences. */
export async function selectedSource(tokens: string, selection: string): Promise<DiskSource> {
  return DiskSource.open(await TokenIndex.open(tokens), await SelectedSentences.open(selection));
}

/** Every document, with its sentences and nothing known about impact. @param directory for a scratch file */
export async function unscoredSource(directory: string, documents: string, tokens: string): Promise<DiskSource> {
  const index = await TokenIndex.open(tokens);
  return DiskSource.open(index, await ScratchSentences.build(join(directory, scratch), unscoredDocuments(documents, tokens)));
}

/** Every document, without sentences: for replay. */
export async function plainSource(tokens: string): Promise<DiskSource> {
  const index = await TokenIndex.open(tokens);
  return DiskSource.open(index, withoutSentences(index.all));
}

async function* unscoredDocuments(documents: string, tokens: string): AsyncGenerator<SourceDocument> {
  for await (const { document, first } of segmentedDocuments(documents, tokens, "tokens")) {
    yield { document, first, impactful: new Int32Array(first.length) };
  }
}
