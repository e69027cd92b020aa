/** Which files a corpus may hold, and how each kind is read. */

export type Format = "text" | "jsonl" | "csv" | "tsv" | "parquet" | "arrow";
export type Compression = "gz" | "zst";

const tableExtensions: Readonly<Record<string, Format>> = {
  jsonl: "jsonl",
  ndjson: "jsonl",
  csv: "csv",
  tsv: "tsv",
  parquet: "parquet",
  arrow: "arrow",
};

const proseExtensions = "txt md markdown rst adoc tex org".split(" ");

/** Usual extensions of source code, by family of languages. */
const codeExtensions = [
  "py pyi ipy jl r rmd m sage",
  "js mjs cjs jsx ts mts cts tsx vue svelte html css scss less",
  "c h cc cpp cxx hh hpp hxx cu cuh m mm swift rs go zig nim d v",
  "java kt kts scala groovy clj cljs cs fs fsx vb dart",
  "rb php pl pm lua tcl sh bash zsh fish ps1 sql proto graphql",
  "hs ml mli ex exs erl hrl lisp el scm rkt f f90 f95 for pas ada adb ads asm s vhd vhdl sv cob",
].flatMap((family) => family.split(" "));

const knownExtensions = [...new Set([...proseExtensions, ...codeExtensions, ...Object.keys(tableExtensions)])];
const inBothCases = (extensions: readonly string[]): string => extensions.flatMap((name) => [name, name.toUpperCase()]).join(",");

/** Files that a folder of a corpus stands for; README.TXT is one as readme.txt is. */
export const folderPattern = `**/*.{${inBothCases(knownExtensions)}}{,${inBothCases([".gz", ".zst"])}}`;

/** Never meant when a folder is named: packages, and what `datasets` keeps beside its data. */
export const folderIgnores = ["**/node_modules/**", "**/__pycache__/**", "**/cache-*.arrow"];

export interface FileKind {
  readonly format: Format;
  readonly compression: Compression | null;
}

/** By the file's name; whatever is not known as a table is text. */
export function fileKind(path: string): FileKind {
  const name = path.toLowerCase();
  const compression = name.endsWith(".gz") ? "gz" : name.endsWith(".zst") ? "zst" : null;
  const plain = compression === null ? name : name.slice(0, -(compression.length + 1));
  return { format: tableExtensions[plain.slice(plain.lastIndexOf(".") + 1)] ?? "text", compression };
}
