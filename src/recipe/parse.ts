/** Reading a recipe file: text in, a checked recipe or every problem at once out. */
import { closest, distance } from "fastest-levenshtein";
import { parse, printParseErrorCode, visit, type ParseError } from "jsonc-parser";
import type * as z from "zod";
import type { Problem } from "../protocol/errors.js";
import { recipeSchema, type Recipe } from "../protocol/recipe.js";
import { knownKeys } from "./knownKeys.js";

export type ParsedRecipe = { readonly recipe: Recipe } | { readonly problems: readonly Problem[] };

/**
 * Parses a `*.longrecipe.json`. Comments and trailing commas are allowed, as in VS Code's own settings.
 * Problems carry the key's path (`training.learningRate`), or `line L, column C` where the text is no JSON.
 */
export function parseRecipe(text: string): ParsedRecipe {
  const errors: ParseError[] = [];
  const whole = text.replace(/^\uFEFF/u, " ");
  const value: unknown = parse(whole, errors, syntax);
  if (errors.length > 0) return { problems: errors.map((error) => syntaxProblem(text, error)) };
  const repeated = repeatedKeys(whole);
  return repeated.length > 0 ? { problems: repeated } : checkShape(value);
}

const syntax = { allowTrailingComma: true, disallowComments: false };

/** Of a key that is given twice, parsers take the last in silence. */
function repeatedKeys(text: string): Problem[] {
  const seen = new Map<string, { count: number; path: string }>();
  const note = (path: readonly PropertyKey[]): void => {
    const key = JSON.stringify(path);
    seen.set(key, { count: (seen.get(key)?.count ?? 0) + 1, path: keyPath(path) });
  };
  visit(text, { onObjectProperty: (name, _offset, _length, _line, _character, parent) => note([...parent(), name]) }, syntax);
  return [...seen.values()].flatMap(({ count, path }) =>
    count === 1 ? [] : [{ path, message: `is given ${count} times; only the last would count` }],
  );
}

/** Checks a value that was parsed elsewhere. */
export function checkShape(value: unknown): ParsedRecipe {
  const result = recipeSchema.safeParse(value, { reportInput: true });
  return result.success ? { recipe: result.data } : { problems: result.error.issues.flatMap(issueProblems) };
}

function syntaxProblem(text: string, { error, offset }: ParseError): Problem {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/u);
  const words = printParseErrorCode(error).replace(/([a-z])([A-Z])/gu, "$1 $2");
  return { path: `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`, message: `not valid JSON: ${words.toLowerCase()}` };
}

function issueProblems(issue: z.core.$ZodIssue): Problem[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: keyPath([...issue.path, key]), message: unknownKey(issue.path, key) }));
    case "invalid_union": {
      // One source or a list of them: the faults of the form that was meant say more than "invalid input".
      const meant = issue.errors.filter((issues) => !issues.some(({ code, path }) => code === "invalid_type" && path.length === 0));
      const [only] = meant;
      if (meant.length === 1 && only !== undefined) {
        return only.flatMap((inner) => issueProblems({ ...inner, path: [...issue.path, ...inner.path] }));
      }
      return [{ path: keyPath(issue.path), message: unionMessage(issue) }];
    }
    default:
      return [{ path: keyPath(issue.path), message: issue.input === undefined ? "is missing" : issue.message }];
  }
}

function unknownKey(path: readonly PropertyKey[], key: string): string {
  const known = knownKeys(path);
  const nearest = known.length > 0 ? closest(key, known) : undefined;
  if (nearest !== undefined && distance(key.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, key.length / 3)) {
    return `unknown key; did you mean \`${nearest}\`?`;
  }
  return known.length > 0 ? `unknown key; known here: ${known.join(", ")}` : "unknown key";
}

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  if (issue.input === undefined) return "is missing";
  const key = issue.path.at(-1);
  const choices = typeof key === "string" ? knownKeys(issue.path.slice(0, -1), key) : [];
  return choices.length > 0 ? `must be one of ${choices.join(", ")}` : issue.message;
}

/** `["training", "learningRate"]` as `training.learningRate`, list places as `[0]`; the recipe itself as `(recipe)`. */
export function keyPath(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>((joined, part) => {
    if (typeof part === "number") return `${joined}[${part}]`;
    return joined === "" ? String(part) : `${joined}.${String(part)}`;
  }, "");
  return text === "" ? "(recipe)" : text;
}
