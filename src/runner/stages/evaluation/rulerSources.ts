/** What RULER's tasks are made of: essays of the haystack, and the files of the two data sets. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import { hotpotData, squadData } from "../../../evaluation/ruler/answeringData.js";
import { niahTasks, type RulerSources } from "../../../evaluation/ruler/build.js";
import { Essays } from "../../../evaluation/ruler/essays.js";
import type { AnsweringData } from "../../../evaluation/ruler/questionAnswering.js";
import { exitCode, messageOf, UserError } from "../../../protocol/errors.js";
import type { RulerSettings, RulerTask } from "../../../protocol/recipe/ruler.js";
import { corpusInputs, hashFile } from "../corpusFiles.js";
import type { BenchmarkContext } from "./benchmark.js";
import { evaluationCorpora } from "./corpora.js";

/** A task that has its data, or the reason why it has not. */
export interface RulerData {
  readonly sources: RulerSources;
  readonly unusable: ReadonlyMap<RulerTask, string>;
}

/** Data sets by task: the recipe's key, and how the published file is read. */
const dataSets = {
  qa_1: { key: "squad", file: "SQuAD v2 development file (dev-v2.0.json)", read: squadData },
  qa_2: { key: "hotpot", file: "HotpotQA distractor development file (hotpot_dev_distractor_v1.json)", read: hotpotData },
} as const;
const answering = ["qa_1", "qa_2"] as const;

/** Hashes of the data files and of RULER's own haystack, for the stage's key; a file that cannot be read is told when it is used. */
export async function rulerInputs(settings: RulerSettings, recipeDirectory: string): Promise<unknown> {
  if (!settings.enabled) return null;
  const hash = async (task: (typeof answering)[number]): Promise<string | null> => {
    const path = settings[dataSets[task].key];
    if (path === undefined || !settings.tasks.includes(task)) return null;
    return hashFile(resolve(recipeDirectory, path)).catch((fault: unknown) => messageOf(fault));
  };
  return {
    squad: await hash("qa_1"),
    hotpot: await hash("qa_2"),
    haystack: settings.haystack === undefined ? null : await corpusInputs(settings.haystack, recipeDirectory),
  };
}

/**
 * Reads what the recipe's tasks need. A data file that is missing or of another format spoils its own task only.
 * @throws UserError where the recipe names no file for a task, or the haystack has no text
 */
export async function rulerData(context: BenchmarkContext): Promise<RulerData> {
  const { task, tools } = context;
  const { ruler } = task.evaluation;
  const unusable = new Map<RulerTask, string>();
  const found: { qa_1?: AnsweringData; qa_2?: AnsweringData } = {};
  for (const name of answering.filter((one) => ruler.tasks.includes(one))) {
    const { key, file, read } = dataSets[name];
    const path = ruler[key];
    if (path === undefined) throw fileNotNamed(name, key, file);
    const data = await readData(resolve(tools.recipeDirectory, path), read);
    if (typeof data === "string") unusable.set(name, `evaluation.ruler.${key} (${path}): ${data}`);
    else found[name] = data;
  }
  const sources = {
    ...(found.qa_1 === undefined ? {} : { squad: found.qa_1 }),
    ...(found.qa_2 === undefined ? {} : { hotpot: found.qa_2 }),
  };
  if (!ruler.tasks.some((name) => niahTasks[name]?.haystack === "essay")) return { sources, unusable };
  const corpus = evaluationCorpora(task).ruler;
  const essays = new Essays((await context.haystack(corpus)).map(({ text }) => text));
  if (essays.size > 0) return { sources: { ...sources, essays }, unusable };
  throw new UserError("haystack-empty", "RULER's haystack holds no words.", `Choose other files in ${corpus.key}.`, exitCode.badInput);
}

function fileNotNamed(task: RulerTask, key: string, file: string): UserError {
  return new UserError(
    "ruler-file-not-named",
    `RULER's task ${task} needs the ${file}, and evaluation.ruler.${key} is not set.`,
    `Set evaluation.ruler.${key} to the file, or take ${task} out of evaluation.ruler.tasks.`,
    exitCode.badInput,
  );
}

/** @returns the data, or what is wrong with the file */
async function readData(path: string, read: (json: unknown) => AnsweringData): Promise<AnsweringData | string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (fault) {
    return `the file cannot be read (${messageOf(fault)}).`;
  }
  try {
    const data = read(JSON.parse(text));
    return data.questions.length > 0 ? data : "the file has no question that can be answered.";
  } catch (fault) {
    if (fault instanceof z.ZodError) {
      const [issue] = fault.issues;
      return `the file has another format: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`;
    }
    if (fault instanceof SyntaxError) return `the file is not JSON (${fault.message}).`;
    throw fault;
  }
}
