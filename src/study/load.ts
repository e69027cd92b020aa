/** Reads a study: a recipe with the key `study`, or a study file that names a recipe. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse, printParseErrorCode, type ParseError } from "jsonc-parser";
import { exitCode, messageOf, UserError } from "../protocol/errors.js";
import { studyFileSchema, studySchema, type Study } from "../protocol/study.js";
import { keyPath } from "../recipe/parse.js";
import { studyName } from "./places.js";

export interface LoadedStudy {
  readonly name: string;
  /** The file the study stands in. */
  readonly file: string;
  readonly recipeFile: string;
  /** The recipe as it was written. */
  readonly recipe: unknown;
  readonly study: Study;
}

/** @throws UserError (exit 2) */
export async function loadStudy(path: string): Promise<LoadedStudy> {
  const file = resolve(path);
  const value = await readValue(file);
  if (typeof value === "object" && value !== null && "study" in value) {
    const study = checked(studySchema.safeParse(value.study, { reportInput: true }), file, "study");
    const name = "name" in value && typeof value.name === "string" ? value.name : studyName(file);
    return { name, file, recipeFile: file, recipe: value, study };
  }
  if (typeof value === "object" && value !== null && "corpus" in value) {
    throw new UserError(
      "no-study",
      `The recipe ${file} has no study.`,
      "Add the key `study`, or name a study file (*.longstudy.json). One run of a recipe is started by `longrecipe extend`.",
      exitCode.badInput,
    );
  }
  const { name = studyName(file), recipe, ...study } = checked(studyFileSchema.safeParse(value, { reportInput: true }), file, "");
  const recipeFile = resolve(dirname(file), recipe);
  return { name, file, recipeFile, recipe: await readValue(recipeFile), study };
}

async function readValue(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new UserError(
      "study-unreadable",
      `${file} cannot be read: ${messageOf(error)}.`,
      "Name an existing study or recipe file.",
      exitCode.badInput,
    );
  }
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/u, " "), errors, { allowTrailingComma: true, disallowComments: false });
  const [first] = errors;
  if (first === undefined) return value;
  const line = text.slice(0, first.offset).split("\n").length;
  throw new UserError(
    "study-invalid",
    `${file} is not valid JSON: line ${String(line)}: ${printParseErrorCode(first.error)}.`,
    "Correct that line. Comments and trailing commas are allowed.",
    exitCode.badInput,
  );
}

type Parsed<T> =
  | { success: true; data: T }
  | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string; code?: string; input?: unknown }[] } };

function checked<T>(parsed: Parsed<T>, file: string, prefix: string): T {
  if (parsed.success) return parsed.data;
  throw new UserError(
    "study-invalid",
    `The study in ${file} is not as it must be:`,
    "Correct these keys. In VS Code the file has completion and hover texts.",
    exitCode.badInput,
    parsed.error.issues.map(({ path, message, input, code }) => ({
      path: keyPath(prefix === "" ? path : [prefix, ...path]),
      message: input === undefined && code === "invalid_type" ? "is missing" : message,
    })),
  );
}
