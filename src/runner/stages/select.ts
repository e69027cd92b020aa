/** Stage 3: the impactful tokens, and the sentences that hold them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCode, UserError } from "../../protocol/errors.js";
import { countByPosition, diagnoseSelection } from "../../recipe/diagnoseSelection.js";
import { addSentences, concentration, diagnoseConcentration, noConcentration } from "../../recipe/diagnosis/concentration.js";
import { topThreshold } from "../../recipe/quantile.js";
import { countImpactful } from "../../recipe/select.js";
import type { Stage } from "../stage.js";
import { readRows } from "../tables/reader.js";
import { writeTable } from "../tables/writer.js";
import { segmentedDocuments } from "./corpusSentences.js";
import { prepareFiles, selectionFiles, significanceFile } from "./files.js";
import { progressReporter } from "./progress.js";
import { SelectionBuffer } from "./selectionBuffer.js";

/** What summary.json of the stage says. */
export interface SelectionSummary {
  readonly threshold: number;
  readonly documents: number;
  readonly tokens: number;
  readonly scoredTokens: number;
  readonly impactfulTokens: number;
  readonly sentences: number;
  /** Sentences with an impactful token, and their tokens. */
  readonly anchorSentences: number;
  readonly anchorTokens: number;
  /** Of being impactful within sentences: 0 as in a shuffled corpus, 1 when whole sentences are; null where it cannot be told. */
  readonly correlation: number | null;
}

export const selectStage: Stage = {
  name: "select",
  skip: () => null,
  inputs: ({ recipe, models }) => Promise.resolve({ topFraction: recipe.selection.topFraction, window: models.base.window }),
  async run(context) {
    const significance = join(context.outputOf("significance"), significanceFile);
    const threshold = await topThreshold(() => scoresOf(significance), context.recipe.selection.topFraction);
    if (threshold.scored === 0) {
      throw new UserError(
        "nothing-scored",
        "No token of the corpus has a score: every document holds a single token, or was left out.",
        "Add longer documents to the corpus, and see the warnings of the stage significance.",
        exitCode.badInput,
      );
    }
    const documents = join(context.outputOf("prepare"), prepareFiles.documents);
    const totals = { documents: 0, tokens: 0, sentences: 0, anchorSentences: 0, anchorTokens: 0 };
    const byPosition = { inside: 0, impactfulInside: 0, beyond: 0, impactfulBeyond: 0 };
    const sums = { ...noConcentration };
    const { window } = context.models.base;
    const report = progressReporter(context, threshold.scored, "tokens");
    await writeTable(join(context.directory, selectionFiles.selection), "selection", async (writer) => {
      const buffer = new SelectionBuffer(writer);
      for await (const { document, first, tokens, score } of segmentedDocuments(documents, significance, "significance")) {
        const scores = score ?? new Float32Array(tokens);
        const counts = countImpactful(first, scores, threshold.value);
        countByPosition(byPosition, scores, threshold.value, window);
        addSentences(sums, first, scores, threshold.value);
        await buffer.add(document, tokens, counts);
        totals.documents++;
        totals.tokens += tokens;
        totals.sentences += first.length;
        counts.impactful.forEach((impactful, sentence) => {
          if (impactful === 0) return;
          totals.anchorSentences++;
          totals.anchorTokens += (first[sentence + 1] ?? tokens) - (first[sentence] ?? 0);
        });
        report(totals.tokens);
      }
      await buffer.flush();
    });
    for (const diagnosis of [diagnoseSelection(byPosition, window), diagnoseConcentration(sums)]) {
      if (diagnosis !== null) context.emit(diagnosis);
    }
    const summary: SelectionSummary = {
      threshold: threshold.value,
      scoredTokens: threshold.scored,
      impactfulTokens: threshold.reached,
      ...totals,
      correlation: concentration(sums)?.correlation ?? null,
    };
    await writeFile(join(context.directory, selectionFiles.summary), `${JSON.stringify(summary, null, 2)}\n`);
    return (
      `${threshold.reached.toLocaleString("en-US")} impactful tokens from ${threshold.value.toPrecision(3)} up; ` +
      `${totals.anchorSentences.toLocaleString("en-US")} of ${totals.sentences.toLocaleString("en-US")} sentences hold one`
    );
  },
};

async function* scoresOf(significance: string): AsyncGenerator<Float32Array> {
  for await (const { score } of readRows(significance, "significance")) yield score;
}
