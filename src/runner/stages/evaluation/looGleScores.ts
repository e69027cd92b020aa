/** LooGLE's metrics that need data or models of their own: METEOR, BERTScore, a judge. They become further scores of the answers' rows. */
import type { UserError } from "../../../protocol/errors.js";
import type { LongBenchSettings } from "../../../protocol/recipe/longbench.js";
import type { Missing, ResultRow } from "../../../protocol/results.js";
import { meteorOfSets, meteorOfTexts } from "../../../evaluation/metrics/meteor.js";
import { noAnswer } from "../../../evaluation/metrics/loogle.js";
import { NoWordNet } from "../../../evaluation/metrics/wordNet.js";
import type { Asked } from "./ask.js";
import type { EvaluationTask, EvaluationTools } from "./benchmark.js";
import { bertScores } from "./bertScores.js";
import { judgeAnswers } from "./judge.js";
import { findWordNet } from "./wordNetFolder.js";

/** An answer with what it is scored by. */
export interface LooGleAnswer {
  readonly row: ResultRow;
  /** The question without the document; empty for a summary. */
  readonly question: string;
  readonly reference: string;
  /** What the model said. */
  readonly answer: string;
}

/** Scores by name, of some of the answers, and those that there are not. */
export interface FurtherScores {
  readonly scores: ReadonlyMap<LooGleAnswer, Readonly<Record<string, number>>>;
  readonly missing: readonly Missing[];
  /** A server that answers nothing any more. */
  readonly fault?: UserError;
}

export interface LooGleScored {
  /** All rows, those of LooGLE with their further scores. */
  readonly rows: ResultRow[];
  readonly missing: Missing[];
  readonly faults: UserError[];
}

/** Scores every answer of LooGLE but the clozes, which have metrics of their own. */
export async function scoreLooGle(tools: EvaluationTools, task: EvaluationTask, asked: Asked): Promise<LooGleScored> {
  const scored = new Map<ResultRow, Record<string, number>>();
  const missing: Missing[] = [];
  const faults: UserError[] = [];
  for (const [source, answers] of answersBySource(asked)) {
    const settings = task.evaluation.longBench[source];
    if (settings === undefined) throw new Error(`no settings of question set ${String(source)}`);
    const found = [
      await meteorScores(tools, settings, answers),
      await bertScores(tools, settings, answers),
      await judgeAnswers(tools, settings, source, answers),
    ];
    for (const { scores, missing: lost, fault } of found) {
      for (const [{ row }, own] of scores) scored.set(row, { ...scored.get(row), ...own });
      missing.push(...lost);
      if (fault !== undefined) faults.push(fault);
    }
  }
  const rows = asked.rows.map((row) => {
    const scores = scored.get(row);
    return scores === undefined ? row : { ...row, scores };
  });
  return { rows, missing, faults };
}

function answersBySource({ rows, prompts }: Asked): Map<number, LooGleAnswer[]> {
  const byHash = new Map(prompts.map(({ hash, question }) => [hash, question]));
  const found = new Map<number, LooGleAnswer[]>();
  for (const row of rows) {
    const { looGle } = byHash.get(row.promptHash) ?? {};
    if (looGle === undefined || row.task.endsWith("cloze")) continue;
    const answer = { row, question: looGle.asked, reference: row.expected ?? "", answer: row.answer ?? "" };
    found.set(looGle.source, [...(found.get(looGle.source) ?? []), answer]);
  }
  return found;
}

async function meteorScores(tools: EvaluationTools, settings: LongBenchSettings, answers: readonly LooGleAnswer[]): Promise<FurtherScores> {
  const none = (reason: string): FurtherScores => ({ scores: new Map(), missing: [withoutAny("METEOR", answers.length, reason)] });
  const wordNet = await findWordNet(settings.wordNet, tools.recipeDirectory);
  if ("reason" in wordNet) return none(wordNet.reason);
  const scores = new Map<LooGleAnswer, Record<string, number>>();
  const synonyms = (word: string): ReadonlySet<string> => wordNet.synonyms(word);
  try {
    for (const one of answers) {
      tools.checkpoint();
      const said = one.answer || noAnswer;
      scores.set(one, { meteor: meteorOfTexts(said, one.reference, synonyms), meteorSets: meteorOfSets(said, one.reference, synonyms) });
    }
  } catch (error) {
    if (!(error instanceof NoWordNet)) throw error;
    return none(`METEOR needs WordNet's synonyms, and its files do not belong together: ${error.message}. Get WordNet 3.0 again.`);
  }
  return { scores, missing: [] };
}

/** A metric that no answer has. */
export function withoutAny(metric: string, count: number, reason: string): Missing {
  return { model: null, task: `${metric} (loogle)`, length: null, count, reason };
}
