/** The next sample that holds a text: found in the documents first, then among the samples made from them. */
import { bisectRight } from "d3-array";
import type { SampleSet } from "../../protocol/sampleInspector.js";
import { withTable, type TableCells } from "../../runner/tables/cells.js";
import { findRow, int32Cell } from "./keyedRows.js";
import type { SampleSources } from "./sampleFiles.js";

/** Tokens [first, end) of a document. */
interface TokenRange {
  readonly first: number;
  readonly end: number;
}

/** A word that stands everywhere needs no more places than this to be found in a sample. */
const mostHits = 5000;

/**
 * The first sample after `after` in which `text` (upper and lower case alike) stands whole, beginning again at the first one at the end.
 * @returns null where no sample holds it, or the run does not say where its samples come from
 */
export async function findSample(sources: SampleSources, set: SampleSet, text: string, after: number): Promise<number | null> {
  const where = sources.origins[set];
  if (where === undefined) return null;
  const hits = await withTable(sources.documents, "documents", (documents) =>
    withTable(where.tokens, "tokens", (tokens) => findTokens(documents, tokens, text)),
  );
  if (hits.size === 0) return null;
  return withTable(where.origins, "origins", (origins) => nextSample(origins, hits, after));
}

async function findTokens(
  documents: TableCells<"documents">,
  tokens: TableCells<"tokens">,
  wanted: string,
): Promise<Map<number, TokenRange[]>> {
  const hits = new Map<number, TokenRange[]>();
  const needle = wanted.toLowerCase();
  let count = 0;
  for (let batch = 0; batch < documents.batches && count < mostHits; batch++) {
    const numbers = await documents.int32(batch, "document");
    for (let row = 0; row < numbers.length && count < mostHits; row++) {
      const [text = ""] = await documents.strings(batch, "text", row, row + 1);
      const lower = text.toLowerCase();
      // A few letters change their length with their case: then offsets would shift, and the case must match.
      const places = lower.length === text.length ? placesOf(lower, needle, mostHits - count) : placesOf(text, wanted, mostHits - count);
      if (places.length === 0) continue;
      const document = numbers[row] ?? 0;
      const place = await findRow(tokens, "document", document);
      if (place === null) continue;
      const starts = await int32Cell(tokens, place, "starts");
      count += places.length;
      hits.set(
        document,
        places.map((start) => ({
          first: Math.max(0, bisectRight(starts, start) - 1),
          end: bisectRight(starts, start + wanted.length - 1),
        })),
      );
    }
  }
  return hits;
}

async function nextSample(
  origins: TableCells<"origins">,
  hits: ReadonlyMap<number, readonly TokenRange[]>,
  after: number,
): Promise<number | null> {
  let wrapped: number | null = null;
  for (let batch = 0; batch < origins.batches; batch++) {
    const samples = await origins.int32(batch, "sample");
    if (wrapped !== null && (samples.at(-1) ?? 0) <= after) continue;
    const offsets = await origins.offsets(batch, "document");
    const end = offsets.at(-1) ?? 0;
    const [documents, firsts, ends] = [
      await origins.int32List(batch, "document", 0, end),
      await origins.int32List(batch, "first", 0, end),
      await origins.int32List(batch, "end", 0, end),
    ];
    for (let row = 0; row < samples.length; row++) {
      const sample = samples[row] ?? 0;
      if (sample <= after && wrapped !== null) continue;
      for (let run = offsets[row] ?? 0; run < (offsets[row + 1] ?? 0); run++) {
        const [from, to] = [firsts[run] ?? 0, ends[run] ?? 0];
        if (hits.get(documents[run] ?? -1)?.some((hit) => hit.first >= from && hit.end <= to) !== true) continue;
        if (sample > after) return sample;
        wrapped ??= sample;
        break;
      }
    }
  }
  return wrapped;
}

function placesOf(text: string, wanted: string, most: number): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0 && places.length < most; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}
