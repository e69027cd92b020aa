/** Stand-ins for the worker's jobs: a token for each word, and drawn scores. */
import { readRows } from "../../src/runner/tables/reader.js";
import { writeTable } from "../../src/runner/tables/writer.js";
import { Recurrence } from "./synthetic.js";

/** The tokens table of a documents table: each run of visible characters with the blanks before it. */
export async function tokenizeWords(documents: string, output: string): Promise<void> {
  await writeTable(output, "tokens", async (writer) => {
    for await (const { document, text } of readRows(documents, "documents")) {
      const starts = new Int32Array((text.length >>> 1) + 1);
      const ends = new Int32Array(starts.length);
      let count = 0;
      let begun = 0;
      for (let at = 0; at < text.length; at++) {
        const last = at + 1 === text.length || (text.charCodeAt(at) > 32 && text.charCodeAt(at + 1) <= 32);
        if (!last) continue;
        starts[count] = begun;
        ends[count++] = at + 1;
        begun = at + 1;
      }
      const ids = Int32Array.from({ length: count }, (_, token) => (token * 2_654_435_761) & 0x7fff);
      await writer.append({ document, ids, starts: starts.slice(0, count), ends: ends.slice(0, count) });
    }
  });
}

/** A significance table with drawn scores. */
export async function scoreWords(tokens: string, output: string): Promise<void> {
  const random = new Recurrence(1);
  await writeTable(output, "significance", async (writer) => {
    for await (const { document, starts, ends } of readRows(tokens, "tokens")) {
      const score = new Float32Array(starts.length);
      for (let token = 0; token < score.length; token++) score[token] = random.next() / 2 ** 32;
      await writer.append({ document, path: String(document), hash: "", starts, ends, score, base: score, extended: score });
    }
  });
}
