/** Where samples come from: the tables of earlier stages, made fit for random access. */
import { join } from "node:path";
import { readBatches } from "../tables/reader.js";
import { DiskSource, type SourceDocument } from "./diskSource.js";
import { segmentedDocuments } from "./corpusSentences.js";
import { TokenIndex } from "./tokenIndex.js";

const scratch = "scratch.bin";

/** Documents that were scored, with the impactful tokens of their sentences. */
export async function selectedSource(directory: string, tokens: string, selection: string): Promise<DiskSource> {
  return DiskSource.build(join(directory, scratch), await TokenIndex.open(tokens), documentSentences(selection));
}

/** Every document, with its sentences and nothing known about impact. */
export async function unscoredSource(directory: string, documents: string, tokens: string): Promise<DiskSource> {
  return DiskSource.build(join(directory, scratch), await TokenIndex.open(tokens), unscoredDocuments(documents, tokens));
}

/** Every document, without sentences: for replay. */
export async function plainSource(directory: string, tokens: string): Promise<DiskSource> {
  const index = await TokenIndex.open(tokens);
  return DiskSource.build(join(directory, scratch), index, plainDocuments(index));
}

/** Sentences of the selection table, document by document. */
async function* documentSentences(selection: string): AsyncGenerator<SourceDocument> {
  let document = -1;
  let first: number[] = [];
  let impactful: number[] = [];
  const found = (): SourceDocument => ({ document, first: Int32Array.from(first), impactful: Int32Array.from(impactful) });
  for await (const batch of readBatches(selection, "selection")) {
    const documents = batch.int32("document");
    const firsts = batch.int32("first");
    const impacts = batch.int32("impactful");
    for (let row = 0; row < batch.length; row++) {
      const current = documents[row] ?? 0;
      if (current !== document) {
        if (first.length > 0) yield found();
        document = current;
        first = [];
        impactful = [];
      }
      first.push(firsts[row] ?? 0);
      impactful.push(impacts[row] ?? 0);
    }
  }
  if (first.length > 0) yield found();
}

async function* unscoredDocuments(documents: string, tokens: string): AsyncGenerator<SourceDocument> {
  for await (const { document, first } of segmentedDocuments(documents, tokens, "tokens")) {
    yield { document, first, impactful: new Int32Array(first.length) };
  }
}

async function* plainDocuments(index: TokenIndex): AsyncGenerator<SourceDocument> {
  const none = new Int32Array(0);
  for (const document of index.all) yield await Promise.resolve({ document, first: none, impactful: none });
}
