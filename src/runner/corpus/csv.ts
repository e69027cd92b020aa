/** CSV and TSV with a header line: a record is a document. */
import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import type { CorpusFile } from "../stages/corpusFiles.js";
import { readBytes } from "./bytes.js";
import { UnusableFile, type Found } from "./document.js";
import { fileKind } from "./formats.js";
import { maxLineBytes } from "./jsonLines.js";
import { decodeStream } from "./textFile.js";

/** A record with where it ended. */
interface Parsed {
  readonly record: Readonly<Record<string, unknown>>;
  readonly info: { readonly lines: number; readonly records: number };
}

export async function* readCsv(file: CorpusFile): AsyncGenerator<Found, void, undefined> {
  const { textField } = file.settings;
  const delimiter = fileKind(file.path).format === "tsv" ? "\t" : ",";
  const text = decodeStream(readBytes(file), (reason) => new UnusableFile(reason));
  const source = Readable.from(text);
  const parser = parse({
    delimiter,
    bom: true,
    columns: (header: string[]) => checkHeader(header, textField, delimiter),
    info: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxLineBytes,
    // Records with too few or too many fields are told one by one below.
    relax_column_count: true,
  });
  source.on("error", (error) => parser.destroy(error));
  try {
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<Parsed>) {
      const place = `#R${info.records}`;
      const value = record[textField];
      if (typeof value === "string") yield { place, text: value };
      else yield { place, reason: `record ${info.records}, which ends in line ${info.lines}, has no column "${textField}"` };
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new UnusableFile(`it is not CSV (${error.message})`, "Correct it, or leave it out with `exclude`.");
    throw error;
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** @throws UnusableFile where it does not say which field is the text; a file without records has a header all the same. */
function checkHeader(header: string[], textField: string, delimiter: string): string[] {
  const found = header.filter((name) => name === textField).length;
  if (found === 1) return header;
  if (found > 1) throw new UnusableFile(`its header has ${found} columns "${textField}"`, "Rename all but one of them.");
  const [first = ""] = header;
  const other = header.length === 1 && /[;\t,|]/u.test(first);
  const remedy = other
    ? `Its fields seem to be separated by something else than ${delimiter === "," ? "commas" : "tabs"}: write it anew.`
    : `Set textField to one of its columns: ${header.slice(0, 20).join(", ")}.`;
  throw new UnusableFile(`its header has no column "${textField}"`, remedy);
}
