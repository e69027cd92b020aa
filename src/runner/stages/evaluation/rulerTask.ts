/** RULER as questions: every task at every length, built with the counts of the worker's tokenizer. */
import { ascending, doublingLengths } from "../../../evaluation/lengths.js";
import type { Question } from "../../../evaluation/question.js";
import { buildRulerTask, type RulerTaskSamples } from "../../../evaluation/ruler/build.js";
import { countTogether } from "../../../evaluation/ruler/counting.js";
import type { RulerSettings, RulerTask } from "../../../protocol/recipe/ruler.js";
import type { Missing } from "../../../protocol/results.js";
import type { BenchmarkContext, BenchmarkQuestions, EvaluationTask } from "./benchmark.js";
import { frameTokens, requireFrame } from "./frame.js";
import { rulerData } from "./rulerSources.js";
import type { Tokenizer } from "./tokenizer.js";

/** Tokens that are counted in one go: what the texts of a round may take in memory is bounded by it. */
const tokensAtOnce = 20_000_000;
/** Prompts that a search for the size counts, roughly. */
const searched = 8;
/** Tokens by which the joints of chat template and prompt may differ from the sum of their parts. */
const jointTokens = 4;

interface Part {
  readonly task: RulerTask;
  readonly length: number;
}

/** Every RULER prompt of the evaluation. @throws UserError where a task has no data by the recipe, or a chat no template */
export async function rulerQuestions(context: BenchmarkContext): Promise<BenchmarkQuestions> {
  const { task } = context;
  const { ruler } = task.evaluation;
  const { sources, unusable } = await rulerData(context);
  const reserved = await reservedTokens(context);
  const parts = rulerLengths(ruler, task).flatMap((length) => ruler.tasks.map((name): Part => ({ task: name, length })));
  const missing = parts.flatMap((part) => {
    const reason = unusable.get(part.task);
    return reason === undefined ? [] : [missingPart(part, ruler.samples, reason)];
  });
  const questions: Question[] = [];
  for (const group of grouped(
    parts.filter((part) => !unusable.has(part.task)),
    ruler.samples,
  )) {
    const counted = new CountedTexts(context.tokenizer);
    const built = await countTogether(
      group.map((part) => buildRulerTask({ ...part, samples: ruler.samples, seed: task.seed, reserved }, sources)),
      (texts) => counted.count(texts),
    );
    group.forEach((part, at) => {
      const { samples, answerTokens } = built[at] ?? { samples: [], answerTokens: 0 };
      questions.push(...asQuestions(part, { samples, answerTokens }, context, counted));
      const lacking = ruler.samples - samples.length;
      if (lacking > 0) missing.push(missingPart(part, lacking, tooShort(part, samples.length)));
    });
  }
  return { questions, missing };
}

/** The recipe's lengths, else W/2 to T by doubling. */
export function rulerLengths({ lengths }: Pick<RulerSettings, "lengths">, task: Pick<EvaluationTask, "window" | "targetLength">): number[] {
  if (lengths !== undefined) return ascending(lengths);
  return doublingLengths(task.window, task.targetLength).filter((length) => length >= task.window / 2 || length === task.targetLength);
}

/** Tokens around every prompt: the tokenizer's own, or the chat template. */
async function reservedTokens({ task, tokenizer }: BenchmarkContext): Promise<number> {
  const frame = requireFrame(task.evaluation.ruler.prompting, task.tokenizer);
  const tokens = await frameTokens(frame, tokenizer);
  return frame.before === "" && frame.after === "" ? tokens : tokens + jointTokens;
}

/** Parts that are built together: as many as memory allows, since every round of counting starts a process. */
function grouped(parts: readonly Part[], samples: number): Part[][] {
  const groups: Part[][] = [];
  let tokens = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    const own = part.length * (samples + searched);
    if (tokens + own > tokensAtOnce) groups.push([]);
    tokens = tokens + own > tokensAtOnce ? own : tokens + own;
    groups.at(-1)?.push(part);
  }
  return groups;
}

/** Counts texts, and keeps the tokens of those that were counted last: prompts that are asked need not be tokenized again. */
class CountedTexts {
  private readonly ids = new Map<string, Int32Array>();

  constructor(private readonly tokenizer: Tokenizer) {}

  async count(texts: readonly string[]): Promise<number[]> {
    const tokenized = await this.tokenizer.tokenize(texts);
    for (const { text, ids } of tokenized) this.ids.set(text, ids);
    return tokenized.map(({ ids }) => ids.length);
  }

  of(text: string): Int32Array | undefined {
    return this.ids.get(text);
  }
}

function asQuestions(
  part: Part,
  { samples, answerTokens }: RulerTaskSamples,
  { task }: BenchmarkContext,
  counted: CountedTexts,
): Question[] {
  const { prompting } = task.evaluation.ruler;
  const prefix = requireFrame(prompting, task.tokenizer).prefix;
  return samples.map(({ text, answerPrefix, references }, trial) => {
    // In a chat the template stands in between: only what is asked as it was counted has its tokens already.
    const ids = prompting === "base" ? counted.of(text + answerPrefix) : undefined;
    return {
      task: `ruler/${part.task}`,
      length: part.length,
      depth: null,
      trial,
      text,
      answerPrefix,
      ...(ids === undefined ? {} : { ids: joined(prefix, ids) }),
      prompting,
      references,
      metric: part.task.startsWith("qa_") ? ("ruler-part" as const) : ("ruler-all" as const),
      maxNewTokens: answerTokens,
      stop: [],
    };
  });
}

function joined(prefix: Int32Array, ids: Int32Array): Int32Array {
  const whole = new Int32Array(prefix.length + ids.length);
  whole.set(prefix);
  whole.set(ids, prefix.length);
  return whole;
}

function missingPart({ task, length }: Part, count: number, reason: string): Missing {
  return { model: null, task: `ruler/${task}`, length, count, reason };
}

function tooShort({ task, length }: Part, built: number): string {
  const what = built === 0 ? "No prompt" : `Only ${built} prompts`;
  return `${what} of ruler/${task} can be built in ${length} tokens with room for the answer; the task needs longer ones, or a data set with shorter documents.`;
}
