import type { SampleSource } from "../../../src/recipe/samples.js";

/** Documents given by the token counts of their sentences; token ids count up through the corpus, every sentence's first token is impactful where told. */
export function memorySource(
  documents: readonly (readonly number[])[],
  anchors: (document: number, sentence: number) => boolean = () => false,
) {
  const firstId: number[] = [];
  let next = 0;
  const firsts = documents.map((sentences) => {
    firstId.push(next);
    let token = 0;
    const first = sentences.map((length) => {
      const start = token;
      token += length;
      return start;
    });
    next += token;
    return Int32Array.from(first);
  });
  const impactful = documents.map((sentences, document) =>
    Int32Array.from(sentences, (_, sentence) => (anchors(document, sentence) ? 1 : 0)),
  );
  const source: SampleSource = {
    impactful: (index) => impactful[index]!.reduce((sum, count) => sum + count, 0),
    sizes: documents.map((sentences) => ({
      tokens: sentences.reduce((sum, length) => sum + length, 0),
    })),
    document: (index) => index,
    read: (index, first, end, target, at) => {
      for (let token = first; token < end; token++) target[at + token - first] = firstId[index]! + token;
    },
    sentences: (index) => ({ first: firsts[index]!, impactful: impactful[index]! }),
  };
  return { source, sentenceStarts: new Set(firsts.flatMap((first, document) => [...first].map((token) => token + firstId[document]!))) };
}
