/** Problems of a recipe with the places in its text, for programs that read what the command line prints. */
import type { Problem } from "../protocol/errors.js";
import { locateKey } from "./locate.js";

/** @param text of `file` */
export function located(problems: readonly Problem[], file: string, text: string): Problem[] {
  return problems.map((problem) => {
    const before = text.slice(0, locateKey(text, problem.path).start).split(/\r\n|\r|\n/u);
    return { ...problem, at: { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 } };
  });
}

/** `FILE:LINE:COLUMN: error: KEY: MESSAGE`, as compilers write it; without a place `  KEY: MESSAGE`. */
export function problemLine({ path, message, at }: Problem): string {
  return at === undefined
    ? `  ${path}: ${message}`
    : `${at.file}:${String(at.line)}:${String(at.column)}: error: ${path}: ${message.replaceAll("\n", " ")}`;
}
