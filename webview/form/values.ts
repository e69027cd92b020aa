/** Values of a recipe by path, and how they are written in fields. No DOM. */
import type { FormControl, FormPath, FormProblem, FormValue } from "../../src/protocol/recipeForm.js";

/** The value at a path; undefined where the recipe has none. */
export function valueAt(value: FormValue | undefined, path: FormPath): FormValue | undefined {
  return path.reduce<FormValue | undefined>((at, key) => {
    if (typeof at !== "object" || at === null) return undefined;
    return (at as Readonly<Record<string | number, FormValue>>)[key];
  }, value);
}

/** A value as the text of a field: lists one entry a line. */
export function textOf(value: FormValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((entry: FormValue) => (typeof entry === "string" ? entry : JSON.stringify(entry))).join("\n");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The value of a field's text; undefined for an empty one, which stands for the default; null where it is none. */
export function parseText(text: string, control: FormControl): FormValue | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  switch (control.kind) {
    case "number":
      return numberOf(trimmed, control.whole);
    case "list": {
      const lines = text.split("\n").map((line) => line.trim());
      const entries = lines.filter((line) => line !== "").map((line) => (control.numbers ? numberOf(line, false) : line));
      return entries.includes(null) ? null : entries;
    }
    default:
      return trimmed;
  }
}

function numberOf(text: string, whole: boolean): number | null {
  const value = Number(text);
  return Number.isFinite(value) && (!whole || Number.isSafeInteger(value)) ? value : null;
}

export function sameValue(a: FormValue | undefined, b: FormValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Whether `path` is `prefix` or lies below it. */
export function isWithin(path: FormPath, prefix: FormPath): boolean {
  return prefix.every((key, index) => path[index] === key);
}

/** Gives each problem to the deepest of `paths` that it lies at or below; those that fit nowhere are under "". */
export function assignProblems(problems: readonly FormProblem[], paths: readonly FormPath[]): Map<string, FormProblem[]> {
  const assigned = new Map<string, FormProblem[]>();
  for (const problem of problems) {
    const fitting = paths.filter((path) => path.length > 0 && isWithin(problem.path, path));
    const deepest = fitting.reduce<FormPath | null>((best, path) => (best === null || path.length > best.length ? path : best), null);
    const key = deepest === null ? "" : pathKey(deepest);
    assigned.set(key, [...(assigned.get(key) ?? []), problem]);
  }
  return assigned;
}

export function pathKey(path: FormPath): string {
  return path.join(".");
}
