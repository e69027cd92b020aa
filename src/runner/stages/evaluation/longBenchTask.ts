/** LongBench, LongBench v2 and LooGLE: questions from the published files, cut to length as the published code does it. */
import { basename } from "node:path";
import { draftsOf, setOf, UnusableRecord, type Draft } from "../../../evaluation/longbench/drafts.js";
import { setNames } from "../../../evaluation/longbench/names.js";
import { longBenchSets } from "../../../evaluation/longbench/sets.js";
import { holdsHalves, lengthGroup, roughlyCut, withoutMiddle } from "../../../evaluation/longbench/truncate.js";
import type { Question } from "../../../evaluation/question.js";
import { exitCode, messageOf, UserError } from "../../../protocol/errors.js";
import type { LongBenchSettings } from "../../../protocol/recipe/longbench.js";
import type { Missing } from "../../../protocol/results.js";
import { hashFile } from "../corpusFiles.js";
import type { BenchmarkContext, BenchmarkQuestions, EvaluationTask } from "./benchmark.js";
import { dataRows, type DataFile } from "./dataRows.js";
import { frameOf, frameTokens } from "./frame.js";
import { hasWordNet } from "./wordNetFolder.js";
import { dataRoot, findSets, type FoundSets } from "./longBenchFiles.js";

interface Source {
  readonly settings: LongBenchSettings;
  /** Its place in `evaluation.longBench`. */
  readonly place: number;
  /** Its key path in the recipe. */
  readonly key: string;
  readonly sets: FoundSets;
  /** Data sets to ask, there or not. */
  readonly wanted: readonly string[];
}

/** An entry of the recipe whose folder is not there or holds none of its data sets. */
interface Absent {
  readonly settings: LongBenchSettings;
  readonly why: UserError;
}

/**
 * Every question of the recipe's data sets. Where there is something else to evaluate, an entry without usable files is missing.
 * @throws UserError where there is not
 */
export async function longBenchQuestions(context: BenchmarkContext): Promise<BenchmarkQuestions> {
  const questions: Question[] = [];
  const { sources, absent } = await sourcesOf(context.task.evaluation.longBench, context.tools.recipeDirectory);
  const [first] = absent;
  if (first !== undefined && sources.length === 0 && !hasOthers(context.task)) throw first.why;
  const missing: Missing[] = absent.flatMap(missingSets);
  for (const source of sources) {
    const frame = frameOf(source.settings.prompting, context.task.tokenizer) ?? frameOf("base", context.task.tokenizer);
    const overhead = await frameTokens(frame, context.tokenizer);
    // A job of the tokenizer starts seldom: several sets go together, as far as memory allows.
    let waiting: Draft[] = [];
    let characters = 0;
    const own: Question[] = [];
    const cut = async (): Promise<void> => {
      own.push(...(await cutToLength(context, source, overhead, waiting)));
      waiting = [];
      characters = 0;
    };
    for (const name of source.wanted) {
      const found = await readSet(source, name);
      missing.push(...found.missing);
      for (const draft of found.drafts) {
        waiting.push(draft);
        characters += draft.text.length;
        if (characters >= charactersAtOnce) await cut();
      }
    }
    await cut();
    questions.push(...numbered(own));
  }
  return { questions, missing };
}

/** Content of every file that is read, for the stage's key; and that there is a WordNet, without which METEOR is missing. */
export async function longBenchInputs(task: Pick<EvaluationTask, "evaluation">, recipeDirectory: string): Promise<unknown> {
  const inputs: unknown[] = [];
  const { sources, absent } = await sourcesOf(task.evaluation.longBench, recipeDirectory);
  // With the files there, it is another evaluation.
  if (absent.length > 0) inputs.push({ absent: absent.map(({ settings: { path } }) => path) });
  for (const { sets, wanted, settings } of sources) {
    const files = [...new Set(wanted.flatMap((name) => (sets.get(name) ?? []).map(({ path }) => path)))].sort();
    const hashes: string[] = [];
    for (const path of files) hashes.push(await hashFile(path));
    inputs.push(hashes);
    if (settings.format === "loogle" && (await hasWordNet(settings.wordNet, recipeDirectory))) inputs.push({ wordNet: true });
  }
  return inputs;
}

async function sourcesOf(
  all: readonly LongBenchSettings[],
  recipeDirectory: string,
): Promise<{ sources: readonly Source[]; absent: readonly Absent[] }> {
  const found = await Promise.all(
    all.map(async (settings, place) => {
      try {
        return await sourceOf(settings, place, recipeDirectory);
      } catch (error) {
        if (error instanceof UserError && absences.has(error.code)) return { settings, why: error };
        throw error;
      }
    }),
  );
  return {
    sources: found.flatMap((one) => ("sets" in one ? [one] : [])),
    absent: found.flatMap((one) => ("why" in one ? [one] : [])),
  };
}

const absences: ReadonlySet<string> = new Set(["dataset-missing", "dataset-empty", "dataset-broken"]);

/** Whether the recipe evaluates anything but data sets. */
function hasOthers({ evaluation: { needle, perplexity, ruler, ability } }: Pick<EvaluationTask, "evaluation">): boolean {
  return needle.enabled || perplexity.enabled || ruler.enabled || ability.enabled;
}

function missingSets({ settings, why }: Absent): Missing[] {
  const sets = settings.tasks?.map((name) => ({ task: taskName(settings, name), count: publishedSize(settings, name) }));
  const reason = `${why.message} ${why.remedy}`;
  return (sets ?? [{ task: settings.format, count: 1 }]).map((set) => ({ model: null, length: null, ...set, reason }));
}

async function sourceOf(settings: LongBenchSettings, place: number, recipeDirectory: string): Promise<Source> {
  const key = `evaluation.longBench[${String(place)}]`;
  const names = setNames(settings.format);
  const sets = await findSets(settings.format, await dataRoot(settings.path, recipeDirectory, `${key}.path`));
  const wanted = settings.tasks ?? names.filter((name) => sets.has(name));
  if (wanted.every((name) => !sets.has(name))) {
    const message = `${key}: ${settings.path} holds no file of ${settings.format}${settings.tasks === undefined ? "" : ` for ${wanted.join(", ")}`}.`;
    const remedy = `Files are known by their names: ${names.slice(0, 3).join(".jsonl, ")}.jsonl (or .json, .parquet, or a zip of those).`;
    throw fault("dataset-empty", message, remedy, key);
  }
  return { settings, place, key, sets, wanted };
}

function fault(code: string, message: string, remedy: string, key: string): UserError {
  return new UserError(code, message, remedy, exitCode.badInput, [{ path: key, message }]);
}

/** Task names before the questions are known. */
function taskName({ format }: LongBenchSettings, name: string): string {
  if (format === "longbench-v2") return format;
  const { name: set, even } = format === "longbench" ? setOf(name) : { name, even: false };
  return `${even ? "longbench-e" : format}/${set}`;
}

/** Questions that a set surely has, for what is missing as a whole: as published, where that is known. */
function publishedSize({ format, limit }: LongBenchSettings, name: string): number {
  const { name: set, even } = setOf(name);
  const known = format === "longbench" ? longBenchSets[set] : undefined;
  const size = format === "longbench-v2" ? 503 : even ? known?.sizeE : known?.size;
  return Math.min(size ?? 1, limit ?? Infinity);
}

/** The questions of one data set, up to the limit; what cannot be used is told and passed over. */
async function readSet({ settings, sets }: Source, name: string): Promise<{ drafts: Draft[]; missing: Missing[] }> {
  const lost = (count: number, reason: string): Missing => ({ model: null, task: taskName(settings, name), length: null, count, reason });
  const files = sets.get(name);
  if (files === undefined) {
    return { drafts: [], missing: [lost(publishedSize(settings, name), `${settings.path} holds no file of the data set ${name}.`)] };
  }
  const limit = settings.limit ?? Infinity;
  const drafts: Draft[] = [];
  const missing: Missing[] = [];
  const bad: string[] = [];
  for (const file of files) {
    try {
      for await (const row of dataRows(file)) {
        if (drafts.length + bad.length >= limit) break;
        const found = "fault" in row ? row.fault : understood(settings, name, row.record);
        if (typeof found === "string") bad.push(`${fileName(file)}, ${row.place}: ${found}`);
        else drafts.push(...found.slice(0, limit - drafts.length - bad.length));
      }
    } catch (error) {
      const left = Math.max(1, publishedSize(settings, name) - drafts.length);
      missing.push(lost(left, `${fileName(file)} cannot be read (${messageOf(error)}).`));
    }
  }
  if (bad.length > 0) missing.push(lost(bad.length, `${bad[0] ?? ""}.`));
  else if (drafts.length === 0 && missing.length === 0) missing.push(lost(1, `${files.map(fileName).join(", ")} holds no record.`));
  return { drafts, missing };
}

function fileName({ path, entry }: DataFile): string {
  return entry === undefined ? basename(path) : `${basename(path)}/${entry}`;
}

/** Questions of a record, or what is wrong with it. */
function understood({ format }: LongBenchSettings, name: string, record: unknown): Draft[] | string {
  try {
    return draftsOf(format, name, record);
  } catch (error) {
    if (error instanceof UnusableRecord) return error.message;
    throw error;
  }
}

/** Characters that are tokenized at once: bounds memory, and a job starts seldom. */
const charactersAtOnce = 64 << 20;

/** Tokenizes, cuts out the middle of what is too long, and says which length a question counts for. Trials are not counted yet. */
async function cutToLength(
  { task: { targetLength }, tokenizer }: BenchmarkContext,
  { settings, place: source }: Source,
  overhead: number,
  drafts: readonly Draft[],
): Promise<Question[]> {
  const limits = drafts.map(({ maxNewTokens }) => Math.max(2, settings.maxLength ?? targetLength - maxNewTokens - overhead));
  const rough = drafts.map(({ text }, place) => roughlyCut(text, limits[place] ?? 0));
  const tokenized = await tokenizer.tokenize(drafts.map(({ text }, place) => rough[place]?.text ?? text));
  const questions: Question[] = [];
  for (const [place, draft] of drafts.entries()) {
    const limit = limits[place] ?? 0;
    const cut = rough[place] ?? null;
    let tokens = tokenized[place];
    if (tokens === undefined) throw new Error(`${draft.task} was not tokenized`);
    if (cut !== null && !holdsHalves(tokens, cut.border, limit)) tokens = (await tokenizer.tokenize([draft.text]))[0] ?? tokens;
    const { group, plain, task, references, metric, maxNewTokens, choices, asked } = draft;
    questions.push({
      task,
      length: group ?? lengthGroup(Math.min(tokens.ids.length, limit)),
      depth: null,
      trial: 0,
      text: withoutMiddle(tokens, limit),
      prompting: plain === true ? "base" : settings.prompting,
      references,
      ...(choices === undefined ? {} : { choices }),
      metric,
      maxNewTokens,
      stop: [],
      ...(asked === undefined ? {} : { looGle: { source, asked } }),
    });
  }
  return questions;
}

/** Trials count within a task and length. */
function numbered(questions: readonly Question[]): Question[] {
  const next = new Map<string, number>();
  return questions.map((question) => {
    const key = `${question.task} ${String(question.length)}`;
    const trial = next.get(key) ?? 0;
    next.set(key, trial + 1);
    return { ...question, trial };
  });
}
