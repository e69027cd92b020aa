/** A model behind a server judges LooGLE's answers: one request for each, none twice. */
import { join } from "node:path";
import process from "node:process";
import { judgePrompt, judgeTask, verdictOf, type JudgePrompt } from "../../../evaluation/metrics/judge.js";
import { UserError } from "../../../protocol/errors.js";
import type { LongBenchSettings } from "../../../protocol/recipe/longbench.js";
import type { Missing } from "../../../protocol/results.js";
import { askServer } from "../../server/askServer.js";
import { addressOf } from "../../server/client.js";
import { keyOf } from "../../server/key.js";
import type { ServerAnswers } from "../../server/question.js";
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
  const options = {
    model: `judge ${server.model}`,
    answers: join(tools.directory, `judge-${String(source)}.jsonl`),
    key: keyOf(server, process.env),
    checkpoint: () => tools.checkpoint(),
    onProgress: (done: number, total: number) =>
      tools.emit({ kind: "progress", done, total, unit: "answers", label: `judge ${server.model}` }),
    onNotice: (message: string) => tools.emit({ kind: "log", level: "warning", message }),
  };
  const questions = cases.map(({ system, text, task }, prompt) => {
    const length = tokens[prompt] ?? 1;
    return { prompt, task: `judge of ${task}`, length, tokens: length, text, system, maxNewTokens, stop: [] };
  });
  try {
    return verdicts(cases, await askServer(server, questions, options));
  } catch (error) {
    if (!(error instanceof UserError) || !error.code.startsWith("server-")) throw error;
    const unjudged = answers.map((one) => lost(one, error.message));
    return { scores: new Map(), missing: gathered(unjudged), fault: error };
  }
}

function casesOf(answers: readonly LooGleAnswer[]): Case[] {
  const found = new Map<string, Case>();
  for (const one of answers) {
    const { task } = one.row;
    const prompt = judgePrompt({ task, question: one.question, reference: one.reference, answer: one.answer });
    const key = JSON.stringify([task, prompt]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { ...prompt, task, answers: [one] });
    else known.answers.push(one);
  }
  return [...found.values()];
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
  const found = new Map<string, Missing>();
  for (const one of missing) {
    const key = JSON.stringify([one.model, one.task]);
    const known = found.get(key);
    found.set(key, known === undefined ? one : { ...known, count: known.count + 1 });
  }
  return [...found.values()];
}
