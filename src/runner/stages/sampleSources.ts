/** Where samples come from: the tables of earlier stages, made fit for random access. */
import { join } from "node:path";
import { readBatches, readRows } from "../tables/reader.js";
import { DiskSource, type SourceDocument } from "./diskSource.js";
import { DocumentCursor } from "./join.js";
import { segmentedDocuments } from "./corpusSentences.js";

const scratch = "scratch.bin";

/** Documents that were scored, with the impactful tokens of their sentences. */
export function selectedSource(directory: string, tokens: string, selection: string): Promise<DiskSource> {
  return DiskSource.build(join(directory, scratch), selectedDocuments(tokens, selection));
}

/** Every document, with its sentences and nothing known about impact. */
export function unscoredSource(directory: string, documents: string, tokens: string): Promise<DiskSource> {
  return DiskSource.build(join(directory, scratch), unscoredDocuments(documents, tokens));
}

/** Every document, without sentences: for replay. */
export function plainSource(directory: string, tokens: string): Promise<DiskSource> {
  return DiskSource.build(join(directory, scratch), plainDocuments(tokens));
}

async function* selectedDocuments(tokens: string, selection: string): AsyncGenerator<SourceDocument> {
  const cursor = new DocumentCursor(tokens, "tokens");
  try {
    for await (const { document, first, impactful } of documentSentences(selection)) {
      const { ids } = await cursor.take(document);
      yield { document, ids, first, impactful };
    }
  } finally {
    await cursor.close();
  }
}

/** Sentences of the selection table, document by document. */
async function* documentSentences(selection: string): AsyncGenerator<Omit<SourceDocument, "ids">> {
  let document = -1;
  let first: number[] = [];
  let impactful: number[] = [];
  const found = (): Omit<SourceDocument, "ids"> => ({ document, first: Int32Array.from(first), impactful: Int32Array.from(impactful) });
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
  const cursor = new DocumentCursor(tokens, "tokens");
  try {
    for await (const { document, first } of segmentedDocuments(documents, tokens, "tokens")) {
      const { ids } = await cursor.take(document);
      yield { document, ids, first, impactful: new Int32Array(first.length) };
    }
  } finally {
    await cursor.close();
  }
}

async function* plainDocuments(tokens: string): AsyncGenerator<SourceDocument> {
  const none = new Int32Array(0);
  for await (const { document, ids } of readRows(tokens, "tokens")) yield { document, ids, first: none, impactful: none };
}
