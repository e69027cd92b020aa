/** The sentences of a tokenized corpus, document by document. */
import { segmentSentences, sentenceTokens } from "../../recipe/sentences.js";
import { readRows } from "../tables/reader.js";
import { DocumentCursor } from "./join.js";

export interface SegmentedDocument {
  readonly document: number;
  /** First token of each sentence, ascending from 0. */
  readonly first: Int32Array;
  readonly tokens: number;
  /** Significance of each token, where the table has it. */
  readonly score: Float32Array | null;
}

/** Segments every document that `table` (tokens or significance) holds; texts come from the documents table. */
export async function* segmentedDocuments(
  documentsPath: string,
  tablePath: string,
  table: "tokens" | "significance",
): AsyncGenerator<SegmentedDocument> {
  const documents = new DocumentCursor(documentsPath, "documents");
  try {
    for await (const row of readRows(tablePath, table)) {
      const { text } = await documents.take(row.document);
      const first = sentenceTokens(text, segmentSentences(text), row.starts, row.ends);
      yield { document: row.document, first, tokens: row.starts.length, score: "score" in row ? row.score : null };
    }
  } finally {
    await documents.close();
  }
}
