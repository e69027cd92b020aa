/** Where a key stands in the text of a recipe file: for diagnostics and code lenses. */
import { findNodeAtLocation, parseTree, type Node } from "jsonc-parser";

/** UTF-16 offsets [start, end). */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The place of the key with the given path (as in Problem.path). Where the key is missing, the nearest object around
 * it that exists; for `line L, column C` that place; for an empty text its start.
 */
export function locateKey(text: string, path: string): TextRange {
  const position = /^line (\d+), column (\d+)$/u.exec(path);
  if (position !== null) return atPosition(text, Number(position[1]), Number(position[2]));
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root === undefined) return { start: 0, end: Math.min(1, text.length) };
  for (const parts = splitPath(path); parts.length > 0; parts.pop()) {
    const node = findNodeAtLocation(root, parts);
    if (node !== undefined) return rangeOf(node);
  }
  return { start: root.offset, end: root.offset + Math.min(1, root.length) };
}

/** `a.b[0].c` as ["a", "b", 0, "c"]. */
export function splitPath(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/gu)].map((part) => (part[1] === undefined ? part[0] : Number(part[1])));
}

/** A property is marked with its name, an element of a list with its value. */
function rangeOf(node: Node): TextRange {
  const name = node.parent?.type === "property" ? node.parent.children?.[0] : undefined;
  const marked = name ?? node;
  return { start: marked.offset, end: marked.offset + marked.length };
}

function atPosition(text: string, line: number, column: number): TextRange {
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf("\n", start) + 1;
  start = Math.min(text.length, start + column - 1);
  return { start, end: Math.min(text.length, start + 1) };
}
