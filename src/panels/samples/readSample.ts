/** One training sample with its text: only the rows and the tokens that belong to it are read from the run's tables. */
import { exitCode, UserError } from "../../protocol/errors.js";
import type { InspectedSample, SampleSet } from "../../protocol/sampleInspector.js";
import { TableCells, withTable } from "../../runner/tables/cells.js";
import { countRows, findRow, float32Cell, int32Cell } from "./keyedRows.js";
import type { SampleSources } from "./sampleFiles.js";
import { joinParts, type TextPart } from "./joinParts.js";

/** How many samples a set has; 0 where there is none. */
export async function countSamples({ samples }: SampleSources, set: SampleSet): Promise<number> {
  const file = samples[set];
  return file === undefined ? 0 : withTable(file, "samples", (table) => countRows(table, "sample"));
}

/** @throws UserError when the run has no such sample, or a table is damaged. */
export async function readSample(sources: SampleSources, set: SampleSet, sample: number): Promise<InspectedSample> {
  const file = sources.samples[set];
  const placed = file === undefined ? null : await withTable(file, "samples", (table) => readPlaced(table, sample));
  if (placed === null) {
    throw new UserError("no-such-sample", `This run has no sample ${sample} of this kind.`, "Choose a smaller number.", exitCode.badInput);
  }
  const text = joinParts(await readParts(sources, set, sample));
  return { set, sample, ...placed, ...text, threshold: text.text === "" ? null : sources.threshold };
}

async function readPlaced(table: TableCells<"samples">, sample: number): Promise<Pick<InspectedSample, "positions" | "segments"> | null> {
  const place = await findRow(table, "sample", sample);
  if (place === null) return null;
  return { positions: await int32Cell(table, place, "positions"), segments: await int32Cell(table, place, "segments") };
}

/** The stretches of the corpus that the sample is made of; none where the run does not say. */
async function readParts(sources: SampleSources, set: SampleSet, sample: number): Promise<TextPart[]> {
  const where = sources.origins[set];
  if (where === undefined) return [];
  const runs = await withTable(where.origins, "origins", async (table) => {
    const place = await findRow(table, "sample", sample);
    if (place === null) return [];
    const [documents, firsts, ends] = [
      await int32Cell(table, place, "document"),
      await int32Cell(table, place, "first"),
      await int32Cell(table, place, "end"),
    ];
    return Array.from(documents, (document, at) => ({ document, first: firsts[at] ?? 0, end: ends[at] ?? 0 }));
  });
  const tables = await Promise.all([
    TableCells.open(sources.documents, "documents"),
    TableCells.open(where.tokens, "tokens"),
    sources.significance === null ? Promise.resolve(null) : TableCells.open(sources.significance, "significance"),
  ]);
  try {
    const documents = new Map<number, Awaited<ReturnType<typeof openDocument>>>();
    const parts: TextPart[] = [];
    for (const { document, first, end } of runs) {
      const opened = documents.get(document) ?? (await openDocument(tables, document));
      documents.set(document, opened);
      parts.push(await opened(first, end));
    }
    return parts;
  } finally {
    for (const table of tables) await table?.close();
  }
}

/** A function that reads tokens [first, end) of a document. */
async function openDocument(
  [documents, tokens, significance]: readonly [TableCells<"documents">, TableCells<"tokens">, TableCells<"significance"> | null],
  document: number,
): Promise<(first: number, end: number) => Promise<TextPart>> {
  const [text, token] = await Promise.all([findRow(documents, "document", document), findRow(tokens, "document", document)]);
  const scored = significance === null ? null : await findRow(significance, "document", document);
  if (text === null || token === null) throw new Error(`document ${document} is in no table of its run`);
  const [whole = ""] = await documents.strings(text.batch, "text", text.row, text.row + 1);
  const [path = ""] = await documents.strings(text.batch, "path", text.row, text.row + 1);
  return async (first, end) => {
    const [starts, ends] = await Promise.all([
      int32Cell(tokens, token, "starts", first, end),
      int32Cell(tokens, token, "ends", first, end),
    ]);
    const score =
      significance === null || scored === null
        ? new Float32Array(end - first).fill(Number.NaN)
        : await float32Cell(significance, scored, "score", first, end);
    const offset = starts[0] ?? 0;
    return { path, offset, text: whole.slice(offset, ends.at(-1) ?? offset), starts, ends, score };
  };
}
