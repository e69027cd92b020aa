/** Held-out text for the validation while training, tokenized. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { StageContext } from "../stage.js";
import { readRows } from "../tables/reader.js";
import { writeTable } from "../tables/writer.js";
import { evaluationCorpora } from "./evaluation/corpora.js";
import { heldOutTexts } from "./evaluation/heldOut.js";
import type { TokenizedText } from "./evaluation/tokenizer.js";

/** Characters of text per token that are surely enough. */
const generousCharacters = 12;

export interface ValidationTexts {
  readonly haystack: readonly TokenizedText[];
  readonly measured: readonly TokenizedText[];
  readonly facts: ReadonlyMap<string, TokenizedText>;
}

/**
 * Reads held-out text and tokenizes it with the facts of the prompts, in one job.
 * @param count documents that will be measured
 */
export async function tokenizedTexts(
  context: StageContext,
  folder: string,
  count: number,
  facts: string[],
  seed: number,
): Promise<ValidationTexts> {
  const { recipe, recipeDirectory, models } = context;
  const corpora = evaluationCorpora(recipe);
  const longest = recipe.targetLength * generousCharacters;
  const read = async (which: "haystack" | "perplexity", documents: number): Promise<string[]> => {
    const options = { recipeDirectory, key: corpora[which].key, seed, characters: longest * documents, longest };
    return (await heldOutTexts(corpora[which].corpus, options)).map(({ text }) => text);
  };
  const haystack = facts.length === 0 ? [] : await read("haystack", 4);
  // More than are measured, so that there are some of full length among them.
  const measured = await read("perplexity", 4 * count);
  const all = [...haystack, ...measured, ...facts];
  const documents = join(folder, "texts.arrow");
  const tokens = join(folder, "texts-tokens.arrow");
  await writeTable(documents, "documents", async (writer) => {
    for (const text of all) await writer.append({ document: writer.count, path: "", hash: "", text });
  });
  await context.runJob({ kind: "tokenize", model: models.base.path, documents, output: tokens });
  const tokenized: TokenizedText[] = [];
  for await (const { document, ids, starts, ends } of readRows(tokens, "tokens")) {
    tokenized.push({ text: all[document] ?? "", ids, starts, ends });
  }
  await Promise.all([rm(documents), rm(tokens)]);
  return {
    haystack: tokenized.slice(0, haystack.length),
    measured: tokenized.slice(haystack.length, haystack.length + measured.length).filter(({ ids }) => ids.length > 1),
    facts: new Map(tokenized.slice(haystack.length + measured.length).map((text) => [text.text, text])),
  };
}
