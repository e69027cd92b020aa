/** Stage 1: the corpus read, checked and tokenized. */
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCode, UserError } from "../../protocol/errors.js";
import { trainedLength, type Corpus, type Recipe } from "../../protocol/recipe.js";
import { checkCorpusSize } from "../../recipe/stretches.js";
import type { Stage, StageContext } from "../stage.js";
import { readRows } from "../tables/reader.js";
import { writeTable, type TableWriter } from "../tables/writer.js";
import type { tables } from "../tables/columns.js";
import { corpusInputs, expandCorpus, requireFiles } from "./corpusFiles.js";
import { readDocuments } from "./documents.js";
import { prepareFiles } from "./files.js";

/** The replay corpus, where the recipe replays at all. */
export function replayCorpus(recipe: Recipe): Corpus | null {
  return recipe.replay.enabled ? (recipe.replay.corpus ?? null) : null;
}

export const prepareStage: Stage = {
  name: "prepare",
  skip: () => null,
  async inputs({ recipe, recipeDirectory, models }) {
    const replay = replayCorpus(recipe);
    return {
      tokenizer: models.base.tokenizerHash,
      corpus: await corpusInputs(recipe.corpus, recipeDirectory),
      replay: replay && (await corpusInputs(replay, recipeDirectory)),
    };
  },
  async run(context) {
    const { recipe, directory, models } = context;
    const documents = join(directory, prepareFiles.documents);
    const replay = replayCorpus(recipe);
    const counts = await writeTable(documents, "documents", async (writer) => {
      const corpus = await appendCorpus(context, writer, recipe.corpus, "corpus");
      return { corpus, replay: replay === null ? 0 : await appendCorpus(context, writer, replay, "replay.corpus") };
    });
    const together = join(directory, "all-tokens.arrow");
    await context.runJob({ kind: "tokenize", model: models.base.path, documents, output: together });
    const tokens = await splitTokens(directory, together, counts.corpus, replay !== null);
    const length = recipe.positions.strategy === "full" ? recipe.targetLength : trainedLength(recipe);
    checkCorpusSize(
      [...tokens.sizes].map((size) => ({ tokens: size, impactful: 0 })),
      length,
    );
    const summary = { documents: counts.corpus, tokens: tokens.corpus, replayDocuments: counts.replay, replayTokens: tokens.replay };
    await writeFile(join(directory, prepareFiles.summary), `${JSON.stringify(summary, null, 2)}\n`);
    const also = replay === null ? "" : `, and ${counts.replay} with ${tokens.replay.toLocaleString("en-US")} for replay`;
    return `${counts.corpus} documents with ${tokens.corpus.toLocaleString("en-US")} tokens${also}`;
  },
};

async function appendCorpus(
  context: StageContext,
  writer: TableWriter<typeof tables.documents>,
  corpus: Corpus,
  key: string,
): Promise<number> {
  const files = await expandCorpus(corpus, context.recipeDirectory);
  requireFiles(files, corpus, key);
  const before = writer.count;
  for await (const document of readDocuments(files)) {
    context.checkpoint();
    await writer.append({ document: writer.count, ...document });
  }
  if (writer.count === before) {
    throw new UserError(
      "corpus-empty",
      `The ${files.length} files of ${key} hold no text.`,
      "Choose files with text, or check textField for .jsonl files.",
      exitCode.badInput,
      [{ path: `${key}.include`, message: "no text in any file" }],
    );
  }
  return writer.count - before;
}

/** Parts the tokens of corpus and replay corpus, and counts them. */
async function splitTokens(directory: string, together: string, corpusDocuments: number, split: boolean) {
  const sizes: number[] = [];
  const totals = { corpus: 0, replay: 0 };
  const corpusPath = join(directory, prepareFiles.tokens);
  if (!split) {
    for await (const { ids } of readRows(together, "tokens")) {
      sizes.push(ids.length);
      totals.corpus += ids.length;
    }
    await rename(together, corpusPath);
    return { sizes, ...totals };
  }
  await writeTable(corpusPath, "tokens", (corpus) =>
    writeTable(join(directory, prepareFiles.replayTokens), "tokens", async (replay) => {
      for await (const row of readRows(together, "tokens")) {
        const isCorpus = row.document < corpusDocuments;
        if (isCorpus) sizes.push(row.ids.length);
        totals[isCorpus ? "corpus" : "replay"] += row.ids.length;
        await (isCorpus ? corpus : replay).append(row);
      }
    }),
  );
  await rm(together);
  return { sizes, ...totals };
}
