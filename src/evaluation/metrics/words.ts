/** Words as the published Python code of LongBench sees them. */

/** Python's string.punctuation. */
const asciiPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
/** What LongBench takes for Chinese punctuation (the list of zhon.hanzi, and a full stop). */
const chinesePunctuation =
  "！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃》「」『』【】〔〕〖〗〘〙〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏.";
const ascii = new Set(asciiPunctuation);
const all = new Set(asciiPunctuation + chinesePunctuation);

/** Python's str.split(): between runs of white space, without empty parts. */
export function splitWords(text: string): string[] {
  // Python counts the separators of files and records as white space.
  // eslint-disable-next-line no-control-regex
  return text.split(/[\s\u001c-\u001f\u0085]+/u).filter((word) => word !== "");
}

/** Words in lower case without ASCII punctuation and English articles, as SQuAD's scorer has them. */
export function englishWords(text: string): string[] {
  const bare = without(text.toLowerCase(), ascii);
  // Python's \b knows letters of all scripts: an article inside a word of another script is none.
  return splitWords(bare.replace(/(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu, " "));
}

/** One word in lower case without punctuation and white space. */
export function bareChinese(word: string): string {
  return splitWords(without(word.toLowerCase(), all)).join("");
}

function without(text: string, characters: ReadonlySet<string>): string {
  return Array.from(text)
    .filter((character) => !characters.has(character))
    .join("");
}

/** F1 of two bags of words; 0 where they have none in common. */
export function bagF1(answer: readonly string[], reference: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of reference) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of answer) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    common++;
  }
  if (common === 0) return 0;
  const precision = common / answer.length;
  const recall = common / reference.length;
  return (2 * precision * recall) / (precision + recall);
}

/** The first line that is not empty at the beginning of an answer: what LongBench scores of its few-shot sets. */
export function firstLine(answer: string): string {
  return answer.replace(/^\n+/u, "").split("\n")[0] ?? "";
}
