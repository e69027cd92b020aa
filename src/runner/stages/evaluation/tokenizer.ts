/** Tokens of any texts of an evaluation, by the worker. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readRows } from "../../tables/reader.js";
import { writeTable } from "../../tables/writer.js";
import type { StageContext } from "../../stage.js";

/** A text with its tokens. */
export interface TokenizedText {
  readonly text: string;
  readonly ids: Int32Array;
  /** Where each token begins and ends in the text, in UTF-16 code units. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export interface Tokenizer {
  /** Tokens of every text, in order; no special tokens are added. Every call may start a process: ask for many at once. */
  tokenize(texts: readonly string[]): Promise<TokenizedText[]>;
}

interface Waiting {
  readonly texts: readonly string[];
  readonly resolve: (tokenized: TokenizedText[]) => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * The tokenizer of a model. Calls that are made while a job runs go together into the next one: a job takes seconds
 * before it reads its first text.
 * @param model folder or hub id
 */
export function workerTokenizer(tools: Pick<StageContext, "directory" | "runJob">, model: string): Tokenizer {
  const waiting: Waiting[] = [];
  let busy = false;
  const work = async (): Promise<void> => {
    busy = true;
    // Whatever else is asked for in this turn of the event loop joins in.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const asked = waiting.splice(0);
      try {
        const tokenized = await runTokenizeJob(
          tools,
          model,
          asked.flatMap(({ texts }) => texts),
        );
        let done = 0;
        for (const { texts, resolve } of asked) resolve(tokenized.slice(done, (done += texts.length)));
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    busy = false;
  };
  return {
    tokenize: (texts) =>
      texts.length === 0
        ? Promise.resolve([])
        : new Promise((resolve, reject) => {
            waiting.push({ texts, resolve, reject });
            if (!busy) void work();
          }),
  };
}

async function runTokenizeJob(
  tools: Pick<StageContext, "directory" | "runJob">,
  model: string,
  texts: readonly string[],
): Promise<TokenizedText[]> {
  // Equal texts are tokenized once.
  const different = [...new Set(texts)];
  const documents = join(tools.directory, "texts.arrow");
  const output = join(tools.directory, "texts-tokens.arrow");
  await writeTable(documents, "documents", async (writer) => {
    for (const text of different) await writer.append({ document: writer.count, path: "", hash: "", text });
  });
  await tools.runJob({ kind: "tokenize", model, documents, output });
  const found = new Map<string, TokenizedText>();
  for await (const { document, ids, starts, ends } of readRows(output, "tokens")) {
    const text = different[document] ?? "";
    found.set(text, { text, ids, starts, ends });
  }
  await Promise.all([rm(documents), rm(output)]);
  return texts.map((text) => {
    const tokenized = found.get(text);
    if (tokenized === undefined) throw new Error(`the tokens table ${output} lacks a text`);
    return tokenized;
  });
}
