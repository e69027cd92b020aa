/** Asks every model every question: the same prompts, scored in the same way. */
import { join } from "node:path";
import type { Question } from "../../../evaluation/question.js";
import { nextRound, roundCells } from "../../../evaluation/rounds.js";
import type { UserError } from "../../../protocol/errors.js";
import type { Missing, ResultRow } from "../../../protocol/results.js";
import { answeredRow, missingAnswers, promptName, scoreAnswered, type ModelAnswers } from "./askedRows.js";
import { askServed } from "./askServed.js";
import { askWorker, modelGroups, type ModelGroup } from "./askWorker.js";
import type { EvaluationTask, EvaluationTools } from "./benchmark.js";
import { promptsOf, writePromptTexts, type Prompt } from "./prompts.js";
import type { Tokenizer } from "./tokenizer.js";

export interface Asked {
  readonly rows: ResultRow[];
  readonly missing: Missing[];
  /** The prompts that were asked. */
  readonly prompts: readonly Prompt[];
  /** Servers that answer nothing any more. */
  readonly faults: UserError[];
}

/**
 * Every question to every model, in rounds where the evaluation stops early. What was answered before a cut is on the
 * disk and is taken up again, so asking goes on where it was: within a round, and with the rounds that are done.
 */
export async function ask(
  tools: EvaluationTools,
  task: EvaluationTask,
  questions: readonly Question[],
  tokenizer: Tokenizer,
): Promise<Asked> {
  if (questions.length === 0) return { rows: [], missing: [], prompts: [], faults: [] };
  const prompts = await promptsOf(questions, task.tokenizer, tokenizer);
  await writePromptTexts(tools.directory, prompts, task.tokenizer);
  const groups = await modelGroups(tools, task.models, prompts);
  const models = new Map<string, ModelAnswers>();
  for (const group of groups) for (const { name } of group.models) models.set(name, startOf(name, group));

  const servers = task.servers ?? [];
  for (const { name } of servers) models.set(name, { name, answers: new Map(), failed: new Map(), promptTokens: new Map() });
  const faults = new Map<string, UserError>();

  const asked = new Set<number>();
  for (let round = 0; ; round++) {
    const next = chooseNext(task, prompts, asked, models);
    if (next.size === 0) break;
    if (round > 0) tellRound(tools, round, next.size, asked.size, prompts.length);
    for (const [place, group] of groups.entries()) await askGroup(tools, task, group, next, models, folderOf(tools, round, place));
    const chosen = prompts.filter(({ prompt }) => next.has(prompt));
    for (const served of servers) {
      const fault = faults.get(served.name) ?? (await askServed(tools, served, chosen, modelOf(models, served.name)));
      if (fault === null) continue;
      faults.set(served.name, fault);
      markUnanswered(modelOf(models, served.name), chosen, fault);
    }
    for (const prompt of next) asked.add(prompt);
  }
  const done = prompts.filter(({ prompt }) => asked.has(prompt));
  const all = [...models.values()];
  return {
    rows: all.flatMap((model) => done.flatMap((prompt) => rowOf(model, prompt))),
    missing: all.flatMap((model) => missingAnswers(model, done)),
    prompts: done,
    faults: [...faults.values()],
  };
}

function markUnanswered(model: ModelAnswers, prompts: readonly Prompt[], fault: UserError): void {
  const open = prompts.filter(({ prompt }) => !model.answers.has(prompt));
  const [first] = open;
  if (first === undefined) return;
  const reason = `No answer to ${promptName(first)} and others: ${fault.message}`;
  for (const { prompt } of open) if (!model.failed.has(prompt)) model.failed.set(prompt, reason);
}

function rowOf(model: ModelAnswers, prompt: Prompt): ResultRow[] {
  const answer = model.answers.get(prompt.prompt);
  return answer === undefined ? [] : [answeredRow(model, prompt, answer)];
}

/** A model before it is asked: what it will not be asked is known. */
function startOf(name: string, group: ModelGroup): ModelAnswers {
  const failed = new Map(
    group.left.flatMap(({ prompts, reason }) => prompts.map((prompt) => [prompt.prompt, reason(promptName(prompt))] as const)),
  );
  const own = group.tokenizer === undefined ? [] : group.prompts;
  return { name, answers: new Map(), failed, promptTokens: new Map(own.map(({ prompt, ids }) => [prompt, ids.length])) };
}

function modelOf(models: ReadonlyMap<string, ModelAnswers>, name: string): ModelAnswers {
  const model = models.get(name);
  if (model === undefined) throw new Error(`${name} is not among the models`);
  return model;
}

/** The first round of the task's tokenizer stays where evaluations without rounds have it. */
function folderOf(tools: EvaluationTools, round: number, group: number): string {
  return round === 0 && group === 0 ? tools.directory : join(tools.directory, "asked", `${round}-${group}`);
}

function chooseNext(
  task: EvaluationTask,
  prompts: readonly Prompt[],
  asked: ReadonlySet<number>,
  models: ReadonlyMap<string, ModelAnswers>,
): Set<number> {
  const { stopEarly } = task.evaluation;
  if (stopEarly === undefined) return new Set(asked.size === 0 ? prompts.map(({ prompt }) => prompt) : []);
  const cells = roundCells(prompts.map(({ question }) => question));
  const scores = [...models.values()].map(
    ({ answers }) =>
      new Map(
        prompts.flatMap((prompt) => {
          const answer = answers.get(prompt.prompt);
          return answer === undefined ? [] : [[prompt.prompt, scoreAnswered(prompt, answer)] as const];
        }),
      ),
  );
  return new Set(nextRound(cells, asked, scores, stopEarly));
}

function tellRound(tools: EvaluationTools, round: number, next: number, asked: number, all: number): void {
  const message = `Round ${round + 1}: ${next} more prompts where the scores are not known well enough; ${asked} of ${all} are asked.`;
  tools.emit({ kind: "log", level: "info", message });
}

async function askGroup(
  tools: EvaluationTools,
  task: EvaluationTask,
  group: ModelGroup,
  next: ReadonlySet<number>,
  models: ReadonlyMap<string, ModelAnswers>,
  folder: string,
): Promise<void> {
  const prompts = group.prompts.filter(({ prompt }) => next.has(prompt));
  if (prompts.length === 0) return;
  const answers = await askWorker(tools, { group, prompts, folder, cache: task.cache, engine: task.evaluation.engine });
  for (const [name, found] of answers) {
    const model = modelOf(models, name);
    for (const prompt of prompts) {
      const answer = found.get(prompt.prompt);
      if (answer !== undefined) model.answers.set(prompt.prompt, answer);
      else model.failed.set(prompt.prompt, `Its logits are not finite (NaN or infinite) for ${promptName(prompt)}.`);
    }
  }
}
