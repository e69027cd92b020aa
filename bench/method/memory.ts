/**
 * Resident memory while the stages prepare, select and samples go through a corpus of the given size.
 *
 *     npx tsx bench/method/memory.ts [--megabytes 1024]
 *
 * The stages are the product's own. The two jobs of the worker between them are played in TypeScript: a token for each
 * word instead of the tokenizer, and drawn scores instead of two models. Writes MEMORY.md beside this file.
 */
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { recipeSchema } from "../../src/protocol/recipe.js";
import type { StageName } from "../../src/protocol/stages.js";
import type { Inspection } from "../../src/protocol/tables.js";
import type { Stage, StageContext } from "../../src/runner/stage.js";
import { prepareFiles, significanceFile } from "../../src/runner/stages/files.js";
import { prepareStage } from "../../src/runner/stages/prepare.js";
import { samplesStage } from "../../src/runner/stages/samples.js";
import { selectStage } from "../../src/runner/stages/select.js";
import { MemoryMeter, table } from "./memoryMeter.js";
import { prose } from "./synthetic.js";
import { scoreWords, tokenizeWords } from "./words.js";

const { values: options } = parseArgs({ options: { megabytes: { type: "string", default: "1024" } } });
const fileBytes = 16 << 20;

/** Text files of 16 MB, and every fourth as JSON Lines of records of a few KB. @returns bytes written */
async function writeCorpus(folder: string, bytes: number): Promise<number> {
  await mkdir(folder);
  let written = 0;
  for (let file = 0; written < bytes; file++) {
    const json = file % 4 === 3;
    const handle = await open(join(folder, `${String(file).padStart(4, "0")}.${json ? "jsonl" : "txt"}`), "w");
    for (let size = 0; size < fileBytes && written < bytes;) {
      const { text } = prose(4 << 20, written + 1);
      const { bytesWritten } = await handle.write(json ? recordsOf(text) : text);
      size += bytesWritten;
      written += bytesWritten;
    }
    await handle.close();
  }
  return written;
}

function recordsOf(text: string): string {
  return (text.match(/[^]{1,4000}/gu) ?? []).map((part) => `${JSON.stringify({ text: part })}\n`).join("");
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-memory-"));
  const meter = new MemoryMeter();
  try {
    meter.phase("writing the corpus");
    const bytes = await writeCorpus(join(folder, "corpus"), Number(options.megabytes) * 2 ** 20);
    const recipe = recipeSchema.parse({
      model: "none",
      targetLength: 81_920,
      corpus: { include: ["corpus"] },
      deduplication: { enabled: true },
      training: { samples: 1_000 },
    });
    // The stages read nothing of the model but its window and the hash of its tokenizer.
    const base = { window: 8_192, tokenizerHash: "words", path: "none" } as Inspection;
    const outputOf = (stage: StageName): string => join(folder, stage);
    const run = async (stage: Stage): Promise<void> => {
      meter.phase(stage.name);
      const directory = outputOf(stage.name);
      await mkdir(directory);
      const context: StageContext = {
        recipe,
        recipeDirectory: folder,
        models: { base, reference: null },
        directory,
        outputOf,
        wasSkipped: () => false,
        emit: () => undefined,
        checkpoint: () => undefined,
        async runJob(job) {
          if (job.kind !== "tokenize") throw new Error(`no ${job.kind} here`);
          meter.phase("(tokens, by words)");
          await tokenizeWords(job.documents, job.output);
          meter.phase(stage.name);
        },
      };
      console.log(`${stage.name}: ${await stage.run(context)}`);
    };
    await run(prepareStage);
    meter.phase("(scores, drawn)");
    await mkdir(outputOf("significance"));
    await scoreWords(join(outputOf("prepare"), prepareFiles.tokens), join(outputOf("significance"), significanceFile));
    await run(selectStage);
    await run(samplesStage);
    const samples = await meter.stop();
    const text = [
      "# Memory over a corpus",
      "",
      `\`npx tsx bench/method/memory.ts --megabytes ${options.megabytes}\` on Node ${process.versions.node}: resident memory of the runner's process while the stages go through`,
      `${(bytes / 2 ** 20).toFixed(0)} MB of text. The stages are the product's own; tokens by words and drawn scores stand in for the worker's two jobs (in brackets).`,
      "",
      ...table(samples),
    ];
    await writeFile(join(import.meta.dirname, "MEMORY.md"), `${text.join("\n")}\n`);
    console.log(text.join("\n"));
  } finally {
    await meter.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
