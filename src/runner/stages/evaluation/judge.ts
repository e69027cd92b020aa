/** A model behind a server judges LooGLE's answers: one request for each, none twice. */
import { group, sum } from "d3-array";
import { judgePrompt, judgeTask, verdictOf, type JudgePrompt } from "../../../evaluation/metrics/judge.js";
import type { LongBenchSettings } from "../../../protocol/recipe/longbench.js";
import type { Missing } from "../../../protocol/results.js";
import { addressOf } from "../../server/client.js";
import type { ServerAnswers } from "../../server/question.js";
import { isServerFault } from "../../faults.js";
import { askKept } from "./askKept.js";
import type { EvaluationTools } from "./benchmark.js";
import type { FurtherScores, LooGleAnswer } from "./looGleScores.js";

/** What the judge is asked once, for all answers that it is the same for. */
interface Case extends JudgePrompt {
  readonly task: string;
  readonly answers: LooGleAnswer[];
}

/** Characters of a token, roughly: to tell what is coming, and what a server's window cannot hold. */
const tokenCharacters = 4;

/**
 * Score `judge`: 1 or 0 for an answer, 0 to 1 for a summary. A reply that is no verdict gives none, and is told.
 * Replies are kept in the stage's folder, so that going on asks none of them again.
 */
export async function judgeAnswers(
  tools: EvaluationTools,
  { judge }: LongBenchSettings,
  source: number,
  answers: readonly LooGleAnswer[],
): Promise<FurtherScores> {
  if (judge === undefined) return { scores: new Map(), missing: [] };
  const { maxNewTokens, ...server } = judge;
  const cases = casesOf(answers);
  const tokens = cases.map(({ system = "", text }) => Math.ceil((system.length + text.length) / tokenCharacters));
  tellCosts(tools, `${server.model} at ${addressOf(server)}`, tokens, maxNewTokens);
  const kept = { name: `judge ${server.model}`, file: `judge-${String(source)}.jsonl`, unit: "answers" };
  const questions = cases.map(({ system, text, task }, prompt) => {
    const length = tokens[prompt] ?? 1;
    return { prompt, task: `judge of ${task}`, length, tokens: length, text, system, maxNewTokens, stop: [] };
  });
  try {
    return verdicts(cases, await askKept(tools, server, questions, kept));
  } catch (error) {
    if (!isServerFault(error)) throw error;
    const unjudged = answers.map((one) => lost(one, error.message));
    return { scores: new Map(), missing: gathered(unjudged), fault: error };
  }
}

function casesOf(answers: readonly LooGleAnswer[]): Case[] {
  const asked = answers.map((one) => {
    const { task } = one.row;
    return { one, task, prompt: judgePrompt({ task, question: one.question, reference: one.reference, answer: one.answer }) };
  });
  return [...group(asked, ({ task, prompt }) => JSON.stringify([task, prompt])).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first.prompt, task: first.task, answers: same.map(({ one }) => one) }];
  });
}

/** Requests may cost money: what is coming is told before the first. */
function tellCosts(tools: EvaluationTools, judge: string, tokens: readonly number[], maxNewTokens: number): void {
  const total = tokens.reduce((sum, count) => sum + count, 0).toLocaleString("en-US");
  const requests = tokens.length.toLocaleString("en-US");
  const message = `The judge ${judge} gets ${requests} requests, about ${total} tokens in all, and answers each in at most ${maxNewTokens} tokens; what it answered before is not asked again.`;
  tools.emit({ kind: "log", level: "info", message });
}

function verdicts(cases: readonly Case[], { answers, failed }: ServerAnswers): FurtherScores {
  const scores = new Map<LooGleAnswer, Record<string, number>>();
  const missing: Missing[] = [];
  for (const [prompt, { task, answers: own }] of cases.entries()) {
    const reply = answers.get(prompt);
    const verdict = reply === undefined ? null : verdictOf(task, reply);
    if (verdict !== null) for (const one of own) scores.set(one, { judge: verdict });
    else
      missing.push(
        ...own.map((one) => lost(one, reply === undefined ? (failed.get(prompt) ?? "It was not judged.") : noVerdict(one, reply))),
      );
  }
  return { scores, missing: gathered(missing) };
}

const shown = 80;

function noVerdict({ row: { task, length, trial } }: LooGleAnswer, reply: string): string {
  const brief = reply.length > shown ? `${reply.slice(0, shown)}…` : reply;
  return `The judge's reply on ${task}, ${length} tokens, trial ${trial + 1} is no verdict: ${JSON.stringify(brief)}.`;
}

function lost({ row: { model, task } }: LooGleAnswer, reason: string): Missing {
  return { model, task: judgeTask(task), length: null, count: 1, reason };
}

/** One entry for each model and task, with the first reason. */
function gathered(missing: readonly Missing[]): Missing[] {
  return [...group(missing, ({ model, task }) => JSON.stringify([model, task])).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, count: sum(same, ({ count }) => count) }];
  });
}
