/** Tables of samples, made up but of the right shape, for the inspector: eight samples from two documents. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunPaths } from "../../src/runner/runDirectory.js";
import { prepareFiles, sampleFiles, selectionFiles, significanceFile } from "../../src/runner/stages/files.js";
import { writeTable } from "../../src/runner/tables/writer.js";

const sentences = [
  "The lighthouse burned in 1871. ",
  "Nobody <b>saw</b> the keeper leave. ",
  "東京の港 🚢 was silent. ",
  "It held 212 steps. ",
];
const count = 8;

/** Writes them into the stages prepare, significance, select and samples. */
export async function writeFixtureSamples(paths: RunPaths): Promise<void> {
  const folder = async (stage: "prepare" | "significance" | "select" | "samples"): Promise<string> => {
    await mkdir(paths.stage(stage), { recursive: true });
    return paths.stage(stage);
  };
  const [prepare, significance, select, samples] = [
    await folder("prepare"),
    await folder("significance"),
    await folder("select"),
    await folder("samples"),
  ];
  const texts = [sentences.join("").repeat(3), [...sentences].reverse().join("").repeat(2)];
  const tokens = texts.map((text) => {
    const found = [...text.matchAll(/ ?[\p{L}\p{N}]+|[\s\S]/gu)];
    const starts = Int32Array.from(found, ({ index }) => index);
    const ends = Int32Array.from(found, (match) => match.index + match[0].length);
    const score = Float32Array.from(found, (match) => (/\d/.test(match[0]) ? 5 : 0.2));
    return { starts, ends, score };
  });
  await writeTable(join(prepare, prepareFiles.documents), "documents", async (writer) => {
    for (const [document, text] of texts.entries())
      await writer.append({ document, path: `corpus/${String(document)}.txt`, hash: "", text });
  });
  await writeTable(join(prepare, prepareFiles.tokens), "tokens", async (writer) => {
    for (const [document, { starts, ends }] of tokens.entries()) await writer.append({ document, ids: starts, starts, ends });
  });
  await writeTable(join(significance, significanceFile), "significance", async (writer) => {
    for (const [document, { starts, ends, score }] of tokens.entries())
      await writer.append({
        document,
        path: `corpus/${String(document)}.txt`,
        hash: "",
        starts,
        ends,
        score,
        base: score,
        extended: score,
      });
  });
  await writeFile(join(select, selectionFiles.summary), JSON.stringify({ threshold: 1 }));
  await writeTable(join(samples, sampleFiles.extend), "samples", async (writer) => {
    for (let sample = 0; sample < count; sample++) {
      const positions = Int32Array.from({ length: 24 }, (_, token) => token + (token < 12 ? 0 : 300 + 40 * sample));
      await writer.append({ sample, document: 0, ids: positions, positions, segments: Int32Array.of(0, 12) });
    }
  });
  await writeTable(join(samples, sampleFiles.origins), "origins", async (writer) => {
    for (let sample = 0; sample < count; sample++)
      await writer.append({ sample, document: Int32Array.of(0, 1), first: Int32Array.of(sample, 2), end: Int32Array.of(sample + 12, 14) });
  });
}
