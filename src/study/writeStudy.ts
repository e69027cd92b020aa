/** study.json, study.md and study.html of a study, as far as it is. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { Agreement, StudyCell, StudyReport } from "../protocol/studyResults.js";
import { studyReportSchema } from "../protocol/studyResults.js";
import { exists } from "../runner/runDirectory.js";
import type { LoadedStudy } from "./load.js";
import { studyFiles } from "./places.js";
import { studyHtml, studyMarkdown } from "./report.js";
import { studyRows } from "./rows.js";

export async function writeStudy(
  directory: string,
  { name, study }: Pick<LoadedStudy, "name" | "study">,
  cells: readonly StudyCell[],
  agreement: readonly Agreement[],
): Promise<void> {
  const reference = study.reference ?? null;
  const report: StudyReport = {
    version: 1,
    name,
    title: study.title ?? name,
    question: study.question ?? null,
    models: [...study.models],
    reference,
    cells: [...cells],
    rows: studyRows(cells, study.models, reference),
    agreement: [...agreement],
  };
  await writeFileAtomic(join(directory, studyFiles.results), `${JSON.stringify(report, null, 1)}\n`);
  await writeFileAtomic(join(directory, studyFiles.markdown), studyMarkdown(report));
  await writeFileAtomic(join(directory, studyFiles.html), studyHtml(report));
}

/** Reads a study.json; its rows are made anew from its runs. */
export async function readStudy(file: string): Promise<StudyReport> {
  const report = studyReportSchema.parse(JSON.parse(await readFile(file, "utf8")));
  return { ...report, rows: studyRows(report.cells, report.models, report.reference) };
}

/** The studies of these names that have results in a folder. */
export async function readStudies(folder: string, names: readonly string[]): Promise<Map<string, StudyReport>> {
  const found = new Map<string, StudyReport>();
  for (const name of names) {
    const file = join(folder, `${name}.json`);
    if (await exists(file)) found.set(name, await readStudy(file));
  }
  return found;
}

/** What has to be kept of a study so that everything can be made anew: one line a run, and one histogram a row. */
export function keptText({ cells, ...report }: StudyReport): string {
  const rows = new Set<string>();
  const lines = cells.map(({ coverage, ...cell }) => {
    const shown = coverage === undefined || rows.has(cell.row) ? cell : { ...cell, coverage };
    rows.add(cell.row);
    return JSON.stringify(shown);
  });
  return `${JSON.stringify({ ...report, rows: [] }).slice(0, -1)},"cells":[\n${lines.join(",\n")}\n]}\n`;
}
