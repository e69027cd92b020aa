/** Which kinds of tokens are impactful: of each kind the share that is, and its share among those that are. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { RunPaths } from "../runner/runDirectory.js";
import { prepareFiles, selectionFiles, significanceFile } from "../runner/stages/files.js";
import { DocumentCursor } from "../runner/stages/join.js";
import { readRows } from "../runner/tables/reader.js";

export const classes = ["numeral", "word", "punctuation", "blank"] as const;
export type TokenClass = (typeof classes)[number];

/** By the first visible character: digits and other numerals, letters, anything else visible, nothing visible. */
export function classOf(text: string): TokenClass {
  const visible = text.trimStart();
  if (visible === "") return "blank";
  if (/^\p{N}/u.test(visible)) return "numeral";
  return /^\p{L}/u.test(visible) ? "word" : "punctuation";
}

/** Threshold from which a token is impactful. */
export async function impactfulFrom(paths: RunPaths): Promise<number> {
  const file = join(paths.stage("select"), selectionFiles.summary);
  return z.object({ threshold: z.number() }).parse(JSON.parse(await readFile(file, "utf8"))).threshold;
}

/** `impactful.numeral`: share of the numerals that are impactful; `among.numeral`: share of numerals among the impactful. */
export async function tokenClasses(paths: RunPaths): Promise<Record<string, number>> {
  const threshold = await impactfulFrom(paths);
  const all = new Map<TokenClass, number>();
  const impactful = new Map<TokenClass, number>();
  const add = (to: Map<TokenClass, number>, kind: TokenClass): unknown => to.set(kind, (to.get(kind) ?? 0) + 1);
  const documents = new DocumentCursor(join(paths.stage("prepare"), prepareFiles.documents), "documents");
  try {
    for await (const { document, starts, ends, score } of readRows(join(paths.stage("significance"), significanceFile), "significance")) {
      const { text } = await documents.take(document);
      for (let token = 0; token < score.length; token++) {
        const value = score[token] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        const kind = classOf(text.slice(starts[token], ends[token]));
        add(all, kind);
        if (value >= threshold) add(impactful, kind);
      }
    }
  } finally {
    await documents.close();
  }
  const total = [...impactful.values()].reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(
    classes.flatMap((kind) => {
      const count = all.get(kind) ?? 0;
      const hits = impactful.get(kind) ?? 0;
      return count === 0 ? [] : [[`impactful.${kind}`, hits / count] as const, [`among.${kind}`, total === 0 ? 0 : hits / total] as const];
    }),
  );
}
