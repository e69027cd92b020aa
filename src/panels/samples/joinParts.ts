/** Stretches of documents put together to the text of one sample. */
import type { InspectedSample } from "../../protocol/sampleInspector.js";

/** Consecutive tokens of one document. */
export interface TextPart {
  readonly path: string;
  /** Where the part begins in its document, in UTF-16 code units. */
  readonly offset: number;
  readonly text: string;
  /** Offsets of the tokens in the document. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly score: Float32Array;
}

type SampleText = Pick<InspectedSample, "text" | "starts" | "ends" | "score" | "sources">;

/** Tokens keep their order; where two parts would run into each other, a blank that belongs to no token stands between. */
export function joinParts(parts: readonly TextPart[]): SampleText {
  const count = parts.reduce((sum, { starts }) => sum + starts.length, 0);
  const [starts, ends, score] = [new Int32Array(count), new Int32Array(count), new Float32Array(count)];
  const sources: { token: number; path: string; offset: number }[] = [];
  let text = "";
  let token = 0;
  for (const part of parts) {
    if (text !== "" && /\S$/u.test(text) && /^\S/u.test(part.text)) text += " ";
    const shift = text.length - part.offset;
    starts.set(
      part.starts.map((start) => start + shift),
      token,
    );
    ends.set(
      part.ends.map((end) => end + shift),
      token,
    );
    score.set(part.score, token);
    sources.push({ token, path: part.path, offset: part.offset });
    text += part.text;
    token += part.starts.length;
  }
  return { text, starts, ends, score, sources };
}
