/** Common words of RULER: a numbered list in which ten words stand ten times as often as the others, with a worked example. */
import { filled, LazyDraft, type Draft, type Generator } from "./draft.js";
import { PythonRandom } from "./pythonRandom.js";
import { commonWordPool } from "./words.js";

export const commonTemplate =
  "Below is a numbered list of words. In these words, some appear more often than others. Memorize the ones that appear most often.\n{context}\nQuestion: What are the 10 most common words in the above list?";
export const commonAnswerPrefix = " Answer: The top 10 words that appear most often in the list are:";

const common = 10;

/**
 * @param times how many times the published frequencies (30 and 3): 1, unless all words together do not fill the length
 */
export function commonWordsGenerator(length: number, seed: number, times: number): Generator {
  const pool = commonWordPool(seed);
  const short = length < 4096;
  const [often, rarely] = short ? [6, 1] : [30 * times, 3 * times];
  return {
    answerTokens: 120,
    steps: [10],
    first: (step) => step,
    least: common,
    most: pool.length,
    overhead: 0,
    parts: pool.map((word) => ` ${word}`),
    tail: ({ references }) => ` ${numbered(references)}`,
    skip: ({ python }, size) => {
      python.skipSample(pool.length, short ? 20 : 40);
      python.skipSample(pool.length, size);
    },
    draw: ({ python }, size): Draft => {
      const list = (words: number, frequent: number, seldom: number) => {
        const drawn = python.sample(pool.length, words).map((at) => pool[at] ?? "");
        const context = (): string => {
          const all = [...repeated(drawn.slice(0, common), frequent), ...repeated(drawn.slice(common), seldom)];
          return filled(commonTemplate, { context: numbered(PythonRandom.seeded(seed).shuffle(all)) });
        };
        const parts = drawn.map((word, at) => [` ${word}`, at < common ? frequent : seldom] as const);
        return { context, answer: drawn.slice(0, common), parts };
      };
      const example = short ? list(20, 3, 1) : list(40, 10, 3);
      const asked = list(size, often, rarely);
      const text = (): string => `${example.context()}${commonAnswerPrefix}${numbered(example.answer)}\n${asked.context()}`;
      return new LazyDraft(text, commonAnswerPrefix, asked.answer, [...example.parts, ...asked.parts]);
    },
  };
}

/** Python's `words * times`. */
function repeated(words: readonly string[], times: number): string[] {
  return Array.from({ length: times }, () => words).flat();
}

function numbered(words: readonly string[]): string {
  return words.map((word, at) => `${at + 1}. ${word}`).join(" ");
}
