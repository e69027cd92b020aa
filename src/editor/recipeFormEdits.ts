/** The form's changes as the smallest edits of the text, so that comments, order and layout stay. */
import { findNodeAtLocation, modify, parseTree, type Edit, type FormattingOptions } from "jsonc-parser";
import type { FormPath, FormValue } from "../protocol/recipeForm.js";

/**
 * Edits that give the key at `path` this value; `undefined` takes it out, and with it the objects around it that it
 * leaves empty. Offsets are UTF-16 code units of `text`, which must be JSON (with comments).
 */
export function editsOf(text: string, path: FormPath, value: FormValue | undefined): Edit[] {
  const options = { formattingOptions: layoutOf(text) };
  return modify(text, value === undefined ? removable(text, path) : [...path], value, options);
}

/** The outermost object that holds nothing but this key. One with a comment in it is left standing. */
function removable(text: string, path: FormPath): (string | number)[] {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const parts = [...path];
  while (root !== undefined && parts.length > 1) {
    const parent = findNodeAtLocation(root, parts.slice(0, -1));
    if (parent?.type !== "object" || parent.children?.length !== 1) break;
    if (/\/[/*]/.test(text.slice(parent.offset, parent.offset + parent.length))) break;
    parts.pop();
  }
  return parts;
}

/** Indentation and line ends as the text has them; two spaces where it has none. */
function layoutOf(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 1 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}
