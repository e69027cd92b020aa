/** BERTScore of LooGLE's answers, by the worker. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { group } from "d3-array";
import { noAnswer } from "../../../evaluation/metrics/loogle.js";
import { exitCode, UserError } from "../../../protocol/errors.js";
import type { LongBenchSettings } from "../../../protocol/recipe/longbench.js";
import { resolveModel } from "../../modelPath.js";
import { readRows } from "../../tables/reader.js";
import { writeTable } from "../../tables/writer.js";
import type { EvaluationTools } from "./benchmark.js";
import { withoutAny, type FurtherScores, type LooGleAnswer } from "./looGleScores.js";

const remedy = "Name an encoder as `bertScore.model` of the question set: a folder or a hub id, FacebookAI/roberta-large as published";

/**
 * `bertScore`: what LooGLE reports, the share of the answer that is in the reference (its call hands the answer over as the
 * reference, and takes the recall); `bertScoreF1`: the usual measure.
 */
export async function bertScores(
  tools: EvaluationTools,
  { bertScore }: LongBenchSettings,
  answers: readonly LooGleAnswer[],
): Promise<FurtherScores> {
  const none = (reason: string): FurtherScores => ({ scores: new Map(), missing: [withoutAny("BERTScore", answers.length, reason)] });
  if (bertScore === undefined) return none(`BERTScore needs a model, and the recipe names none. ${remedy}.`);
  // Equal pairs are scored once.
  const different = [...group(answers, ({ answer, reference }) => JSON.stringify([answer || noAnswer, reference])).values()];
  const table = join(tools.directory, "bertscore-pairs.arrow");
  const output = join(tools.directory, "bertscore.arrow");
  await writeTable(table, "textPairs", async (writer) => {
    for (const [pair, [one]] of different.entries()) {
      await writer.append({ pair, candidate: one?.answer || noAnswer, reference: one?.reference ?? "" });
    }
  });
  try {
    const model = await resolveModel(tools.recipeDirectory, bertScore.model);
    await tools.runJob({ kind: "bertscore", model, layer: bertScore.layer, pairs: table, output });
  } catch (error) {
    if (!(error instanceof UserError) || error.exit !== exitCode.badInput) throw error;
    return none(`BERTScore: ${error.message} ${error.remedy}`);
  }
  const scores = new Map<LooGleAnswer, Record<string, number>>();
  for await (const { pair, precision, f1 } of readRows(output, "textScores")) {
    for (const one of different[pair] ?? []) scores.set(one, { bertScore: precision, bertScoreF1: f1 });
  }
  await Promise.all([rm(table), rm(output)]);
  return { scores, missing: [] };
}
