/** Tokens a second of the worker's tokenize job, start of Python left out. */
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { readRows } from "../../src/runner/tables/reader.js";
import { writeTable } from "../../src/runner/tables/writer.js";
import { prose } from "./synthetic.js";

/** Runs the job on two sizes of corpus: the difference is free of what starting costs. By processor time. */
export async function tokenizeRate(python: string, model: string, folder: string): Promise<number> {
  const small = await tokenize(python, model, folder, 2);
  const large = await tokenize(python, model, folder, 42);
  return (large.tokens - small.tokens) / (large.seconds - small.seconds);
}

async function tokenize(python: string, model: string, folder: string, count: number): Promise<{ tokens: number; seconds: number }> {
  const documents = join(folder, "documents.arrow");
  const output = join(folder, "tokens.arrow");
  const { text } = prose(500_000);
  await writeTable(documents, "documents", async (writer) => {
    for (let document = 0; document < count; document++) await writer.append({ document, path: `${document}`, hash: "", text });
  });
  const common = { version: 1, events: join(folder, "events.jsonl"), control: folder, device: "cpu", precision: "float32", seed: 1 };
  const jobFile = join(folder, "job.json");
  await writeFile(jobFile, JSON.stringify({ ...common, kind: "tokenize", model: resolve(model), documents, output }));
  const usage = join(folder, "usage.json");
  const { status, stderr } = spawnSync(python, [join(import.meta.dirname, "usage.py"), usage, jobFile], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: resolve(import.meta.dirname, "../../native-bin/worker/src") },
  });
  if (status !== 0) throw new Error(stderr);
  let tokens = 0;
  for await (const { ids } of readRows(output, "tokens")) tokens += ids.length;
  const { seconds } = JSON.parse(await readFile(usage, "utf8")) as { seconds: number };
  return { tokens, seconds };
}
