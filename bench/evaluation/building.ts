/**
 * How fast RULER's prompts are built: search for the size, drawing, and putting texts together, on one core.
 *
 *     npx tsx bench/evaluation/building.ts [--lengths 131072,1048576] [--samples 5]
 *
 * Counting is left out: what counts is the worker's tokenizer, whose speed is its own. Here a text has as many tokens as
 * its characters by the ratio that the embedded model's tokenizer has on the same task. Writes RULER.md beside this file.
 */
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Tokenizer } from "@huggingface/tokenizers";
import { buildRulerTask } from "../../src/evaluation/ruler/build.js";
import { countedBy } from "../../src/evaluation/ruler/counting.js";
import { Essays } from "../../src/evaluation/ruler/essays.js";
import type { AnsweringData } from "../../src/evaluation/ruler/questionAnswering.js";
import { rulerTasks, type RulerTask } from "../../src/protocol/recipe/ruler.js";

const { values: options } = parseArgs({
  options: { lengths: { type: "string", default: "131072,1048576" }, samples: { type: "string", default: "5" } },
});
const samples = Number(options.samples);
const embedded = new URL("../../examples/embedded/", import.meta.url);

function json(path: string): object {
  return JSON.parse(readFileSync(new URL(path, embedded), "utf8")) as object;
}

function corpus(): string[] {
  const folder = new URL("corpus/", embedded);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => readFileSync(new URL(file, folder), "utf8"));
}

/** As many paragraphs as SQuAD's development file has. */
function dataSet(texts: readonly string[]): AnsweringData {
  const words = texts.join(" ").split(/\s+/u);
  const documents = Array.from({ length: 1204 }, (_, at) =>
    words
      .slice((at * 110) % 100_000)
      .slice(0, 110)
      .join(" "),
  );
  const questions = documents.map((_, at) => ({ query: `What is said in ${at}?`, outputs: ["it"], context: [at], more: [] }));
  return { documents, questions };
}

async function main(): Promise<void> {
  const tokenizer = new Tokenizer(json("model/tokenizer.json"), json("model/tokenizer_config.json"));
  const texts = corpus();
  const data = dataSet(texts);
  const sources = { essays: new Essays(texts), squad: data, hotpot: data };
  const run = (task: RulerTask, length: number, count: (text: string) => number) =>
    countedBy(buildRulerTask({ task, length, samples, seed: 42, reserved: 0 }, sources), (asked) => asked.map(count));
  const rows: string[] = [];
  for (const length of options.lengths.split(",").map(Number)) {
    let allTokens = 0;
    let allSeconds = 0;
    for (const task of rulerTasks) {
      let characters = 0;
      let counted = 0;
      run(task, 4096, (text) => {
        const { ids } = tokenizer.encode(text, { add_special_tokens: false });
        characters += text.length;
        counted += ids.length;
        return ids.length;
      });
      const ratio = counted / characters;
      const start = performance.now();
      const built = run(task, length, (text) => Math.round(text.length * ratio));
      const seconds = (performance.now() - start) / 1000;
      const tokens = built.samples.reduce((sum, sample) => sum + sample.tokens, 0);
      allTokens += tokens;
      allSeconds += seconds;
      rows.push(row(task, length, built.samples.length, tokens, seconds));
      console.log(rows.at(-1));
    }
    rows.push(row("all thirteen", length, samples * rulerTasks.length, allTokens, allSeconds));
    console.log(rows.at(-1));
  }
  await writeFile(new URL("RULER.md", import.meta.url), report(rows));
}

function row(task: string, length: number, prompts: number, tokens: number, seconds: number): string {
  const speed = tokens / seconds / 1e6;
  return `| ${task} | ${length} | ${prompts} | ${tokens} | ${seconds.toFixed(2)} | ${speed.toFixed(1)} |`;
}

function report(rows: readonly string[]): string {
  return `# Building RULER

Written by \`npx tsx bench/evaluation/building.ts\`: the search for the size, drawing and putting together the prompts, on one
core, without counting tokens (that is the worker's tokenizer). Tokens are those of the prompts that come out.

| task | length | prompts | tokens | seconds | M tokens/s |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

void main();
