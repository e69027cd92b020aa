/** Records of the published files as questions that are not yet cut to length. All pure: a record that does not fit is a fault in words. */
import * as z from "zod";
import type { LongBenchSettings } from "../../protocol/recipe/longbench.js";
import type { Question } from "../question.js";
import { NoLiteral, parsePython } from "./pythonLiteral.js";
import { bucketOf, longBenchSets } from "./sets.js";

/** A question without place in a grid; `group`: the length that it counts for, where the benchmark says it. */
export interface Draft extends Pick<Question, "text" | "references" | "choices" | "metric" | "maxNewTokens"> {
  readonly task: string;
  readonly group?: number;
  /** LooGLE: the question without the document. */
  readonly asked?: string;
  /** Never in a chat template. */
  readonly plain?: true;
}

/** A record that cannot be asked. */
export class UnusableRecord extends Error {}

export type Format = LongBenchSettings["format"];

/** Makes questions of a record of data set `name`. @throws UnusableRecord */
export function draftsOf(format: Format, name: string, record: unknown): Draft[] {
  if (format === "longbench") return [longBench(name, record)];
  return format === "longbench-v2" ? [longBenchV2(record)] : looGle(name, record);
}

function checked<T>(schema: z.ZodType<T>, record: unknown): T {
  const found = schema.safeParse(record);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw new UnusableRecord(issue === undefined ? "it has another form" : `"${issue.path.join(".")}": ${issue.message}`);
}

/** The mirrors in parquet call `input` by another name. */
const longBenchRecord = z.object({
  context: z.string(),
  input: z.string().optional(),
  question: z.string().optional(),
  answers: z.array(z.string()).min(1),
  all_classes: z.array(z.string()).nullish(),
  length: z.number().positive().optional(),
});

/** `hotpotqa_e` is hotpotqa of LongBench-E. */
export function setOf(name: string): { name: string; even: boolean } {
  return name.endsWith("_e") ? { name: name.slice(0, -2), even: true } : { name, even: false };
}

function longBench(name: string, record: unknown): Draft {
  const { name: plainName, even } = setOf(name);
  const set = longBenchSets[plainName];
  if (set === undefined) throw new UnusableRecord(`LongBench has no data set ${plainName}`);
  const { context, input, question, answers, all_classes: classes, length } = checked(longBenchRecord, record);
  const asked = input ?? question;
  if (asked === undefined) throw new UnusableRecord('"input": missing');
  if (set.metric === "longbench-class-line" && (classes?.length ?? 0) === 0) throw new UnusableRecord('"all_classes": missing');
  if (even && length === undefined) throw new UnusableRecord('"length": missing');
  return {
    task: `${even ? "longbench-e" : "longbench"}/${plainName}`,
    text: fill(set.prompt, { context, input: asked }),
    references: answers,
    ...(classes == null ? {} : { choices: classes }),
    metric: set.metric,
    maxNewTokens: set.maxNewTokens,
    ...(even ? { group: bucketOf(length ?? 0) } : {}),
    ...(set.plain === undefined ? {} : { plain: set.plain }),
  };
}

/** All at once: braces within a text are text. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/gu, (whole, name: string) => values[name] ?? whole);
}

const choiceNames = ["A", "B", "C", "D"] as const;

const longBenchV2Record = z.object({
  difficulty: z.enum(["easy", "hard"]),
  length: z.enum(["short", "medium", "long"]),
  question: z.string(),
  choice_A: z.string(),
  choice_B: z.string(),
  choice_C: z.string(),
  choice_D: z.string(),
  answer: z.enum(choiceNames),
  context: z.string(),
});

/** Words at which LongBench v2's groups end: 32k, 128k, 2M. */
export const v2Groups = { short: 32_000, medium: 128_000, long: 2_000_000 } as const;

/** The published zero-shot prompt (prompts/0shot.txt). */
const v2Prompt =
  'Please read the following text and answer the question below.\n\n<text>\n$DOC$\n</text>\n\nWhat is the correct answer to this question: $Q$\nChoices:\n(A) $C_A$\n(B) $C_B$\n(C) $C_C$\n(D) $C_D$\n\nFormat your response as follows: "The correct answer is (insert answer here)".';

function longBenchV2(record: unknown): Draft {
  const found = checked(longBenchV2Record, record);
  const values: Record<string, string> = {
    DOC: found.context,
    Q: found.question,
    C_A: found.choice_A,
    C_B: found.choice_B,
    C_C: found.choice_C,
    C_D: found.choice_D,
  };
  return {
    task: `longbench-v2/${found.difficulty}`,
    text: v2Prompt.replace(/\$(DOC|Q|C_[A-D])\$/gu, (whole, name: string) => values[name]?.trim() ?? whole),
    references: [found.answer],
    choices: choiceNames,
    metric: "longbench-choice",
    maxNewTokens: 128,
    group: v2Groups[found.length],
  };
}

interface LooGleTask extends Pick<Draft, "metric" | "maxNewTokens"> {
  readonly prompt: string;
}

const looGleQuestion: LooGleTask["prompt"] = "Please answer the question based on the long texts below. \n{input}\nQuestion: {Q}\nAnswer: ";

/** LooGLE's tasks (bigai-nlco/LooGLE, config): prompts and lengths of answers. */
export const looGleTasks: Readonly<Record<string, LooGleTask>> = {
  shortdep_qa: { prompt: looGleQuestion, maxNewTokens: 300, metric: "loogle-rouge" },
  longdep_qa: { prompt: looGleQuestion, maxNewTokens: 500, metric: "loogle-rouge" },
  longdep_summarization: {
    prompt: "Please generate a summary of the below paper. \n{input}\n Summarization: ",
    maxNewTokens: 500,
    metric: "loogle-rouge",
  },
  shortdep_cloze: {
    prompt:
      "Please fill in the clozes based on the given long texts below. Each of the placeholder '<mask-n>' in the question could be an entity of Person, Location or Organiocation. The same masks represent the same entity. Output a json format answer, for example: {'<mask-0>': 'Bob', '<mask-1>': 'Gorrosion Magazine','<mask-2>': 'Bethel Horizon'}\n{input}\n Question: {Q} What are the masked entities? \nAnswer:",
    maxNewTokens: 50,
    metric: "loogle-cloze",
  },
};

/** A document with its questions (the first form of the files), or with one (the form of the hub's tables). */
const looGleRecord = z.union([
  z.object({ input: z.string(), qa_pairs: z.unknown(), output: z.unknown() }),
  z.object({ context: z.string(), question: z.string().nullish(), answer: z.unknown() }),
]);
const pairs = z.array(z.object({ Q: z.string(), A: z.unknown() })).min(1);

function looGle(name: string, record: unknown): Draft[] {
  const task = looGleTasks[name];
  if (task === undefined) throw new UnusableRecord(`LooGLE has no task ${name}`);
  const found = checked(looGleRecord, record);
  const input = "input" in found ? found.input : found.context;
  const asked = "input" in found ? pairsOf(found.qa_pairs, found.output) : [{ Q: found.question ?? "", A: found.answer }];
  return asked.map(({ Q, A }) => ({
    task: `loogle/${name}`,
    text: fill(task.prompt, { input, Q }),
    references: [reference(A)],
    asked: Q,
    metric: task.metric,
    maxNewTokens: task.maxNewTokens,
  }));
}

function pairsOf(source: unknown, output: unknown): { Q: string; A: unknown }[] {
  if (source === "none") return [{ Q: "", A: output }];
  try {
    return checked(pairs, typeof source === "string" ? parsePython(source) : source).map(({ Q, A }) => ({ Q, A }));
  } catch (error) {
    if (error instanceof NoLiteral) throw new UnusableRecord(`"qa_pairs": ${error.message}`);
    throw error;
  }
}

/** Text as it is; a dictionary of masks as JSON, which reads as a Python literal too. */
function reference(answer: unknown): string {
  if (typeof answer === "string" && answer !== "none") return answer;
  if (typeof answer === "object" && answer !== null) return JSON.stringify(answer);
  if (typeof answer === "number") return String(answer);
  throw new UnusableRecord("it has no answer");
}
