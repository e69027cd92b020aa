/** What is known of the sentence at a place: for hovers, "why is this sentence kept?" and the export. */
import type * as vscode from "vscode";
import type { DocumentHighlight } from "./documentHighlight.js";
import { cutoffsOf } from "./editorPainter.js";
import type { Marks } from "./marks.js";
import { textOf, trimmed } from "./places.js";
import { countSentence, sentenceOf, type CountedSentence } from "./sentences.js";
import type { Span } from "./viewport.js";

export interface SentenceFacts extends CountedSentence {
  readonly span: Span;
  readonly text: string;
  readonly stale: boolean;
}

/** A sentence of a document by its number; null where edits left nothing of it. */
export function sentenceFacts(document: vscode.TextDocument, marks: Marks, share: number, sentence: number): SentenceFacts | null {
  const { tokens, firsts } = marks;
  const [threshold = Infinity] = cutoffsOf(marks, share);
  const counted = countSentence(tokens.tokens, firsts, threshold, sentence);
  const place = tokens.span(counted.first, counted.end);
  if (place === null) return null;
  const span = trimmed(document, place);
  const text = textOf(document, span);
  return { ...counted, span, text, stale: marks.stale || !place.whole || tokens.isStale(span.start) };
}

/** The sentence at an offset, else the one that ends before it; null where there is none. */
export function sentenceAt(highlight: DocumentHighlight, offset: number): number | null {
  const { marks } = highlight;
  if (marks === null) return null;
  const found: number[] = [];
  const take = (token: number): boolean => {
    found.push(sentenceOf(marks.firsts, token));
    return false;
  };
  marks.tokens.walk(offset, offset + 1, take);
  if (found.length === 0) marks.tokens.walkBack(offset, take);
  return found[0] ?? null;
}
