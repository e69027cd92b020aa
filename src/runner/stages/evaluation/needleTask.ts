/** The needle grid as questions. */
import { needleLengths } from "../../../evaluation/lengths.js";
import {
  answerTokens,
  needleKeys,
  needleMetric,
  planNeedles,
  questionTexts,
  singleNeedle,
  type NeedlePlan,
} from "../../../evaluation/needlePlan.js";
import type { Question } from "../../../evaluation/question.js";
import type { NeedleKind, NeedleSettings } from "../../../protocol/recipe.js";
import type { Missing } from "../../../protocol/results.js";
import type { BenchmarkContext, BenchmarkQuestions } from "./benchmark.js";
import { requireFrame, type Frame } from "./frame.js";
import { buildPrompts, factTexts, tailText, unevenKeys, type BuiltPrompt } from "./needlePrompts.js";
import type { Tokenizer } from "./tokenizer.js";

/** Every needle prompt of the evaluation. @throws UserError where the recipe's keys or template do not allow them */
export async function needleQuestions(context: BenchmarkContext): Promise<BenchmarkQuestions> {
  const { task, tokenizer } = context;
  const { needle } = task.evaluation;
  const frame = requireFrame(needle.prompting, task.tokenizer);
  const [haystack, plans] = await Promise.all([context.haystack(), plansOf(context, frame)]);
  const facts = await tokenizer.tokenize(factTexts(plans, frame));
  const { prompts, tooShort } = buildPrompts(plans, frame, new Map(facts.map((text) => [text.text, text])), haystack, task.seed);
  return { questions: prompts.map((built) => asQuestion(built, needle)), missing: missingLengths(tooShort) };
}

/** What is hidden in every haystack, kind after kind; last, where asked for, every sentence without distractors. */
async function plansOf({ task, tokenizer }: BenchmarkContext, frame: Frame): Promise<NeedlePlan[]> {
  const { needle } = task.evaluation;
  const lengths = needleLengths(needle, task.window, task.targetLength);
  const plans: NeedlePlan[] = [];
  for (const kind of new Set(needle.kinds)) {
    const askable = needle.haystacks === "shared" ? await evenKeys(kind, needle, frame, tokenizer) : undefined;
    plans.push(...planNeedles(kind, needle, lengths, task.seed, askable));
  }
  if (!needle.single) return plans;
  const alone: NeedleSettings = { ...needle, distractors: 0, distractorSpacing: undefined, haystacks: "own" };
  return [...plans, ...planNeedles("sentence", alone, lengths, task.seed).map((plan) => ({ ...plan, task: singleNeedle }))];
}

/**
 * Keys whose questions have the same number of tokens, as many as there are: prompts about one haystack differ in the
 * question alone, so this is what makes all of them exactly as long as they should be.
 */
async function evenKeys(kind: NeedleKind, settings: NeedleSettings, frame: Frame, tokenizer: Tokenizer): Promise<Set<string>> {
  const keys = needleKeys(settings);
  const tails = await tokenizer.tokenize(questionTexts(kind, settings, keys).map((asked) => tailText(asked, frame)));
  const byTokens = new Map<number, string[]>();
  keys.forEach((key, place) => {
    const tokens = tails[place]?.ids.length ?? 0;
    byTokens.set(tokens, [...(byTokens.get(tokens) ?? []), key]);
  });
  const most = [...byTokens.values()].reduce((best, group) => (group.length > best.length ? group : best), []);
  if (most.length < new Set(settings.depths).size) throw unevenKeys();
  return new Set(most);
}

function asQuestion({ plan, asked, prompt, message }: BuiltPrompt, settings: NeedleSettings): Question {
  return {
    task: plan.task,
    length: plan.length,
    depth: asked.depth,
    trial: plan.trial,
    text: message,
    ids: prompt.ids,
    ...(asked.answerPrefix === undefined ? {} : { answerPrefix: asked.answerPrefix }),
    prompting: settings.prompting,
    references: asked.references,
    metric: needleMetric(plan.kind, settings.scoring),
    maxNewTokens: answerTokens(settings, plan.kind),
    stop: [],
    parts: {
      needles: asked.needles,
      // With a shared haystack the needles of the other prompts distract from this one's.
      distractors: [...plan.needles.map(({ text }) => text).filter((text) => !asked.needles.includes(text)), ...plan.distractors],
      question: asked.question,
    },
  };
}

function missingLengths(tooShort: readonly NeedlePlan[]): Missing[] {
  const counts = new Map<string, { task: string; length: number; count: number }>();
  for (const { task, length, asked } of tooShort) {
    const key = `${task} ${length}`;
    counts.set(key, { task, length, count: (counts.get(key)?.count ?? 0) + asked.length });
  }
  return [...counts.values()].map(({ task, length, count }) => ({
    model: null,
    task,
    length,
    count,
    reason: `Prompts of ${length} tokens cannot hold the needle, its distractors and the question; this length is left out.`,
  }));
}
