/**
 * `npx tsx bench/scorer/run.ts`: the shipped pair in onnxruntime-node against the same pair in PyTorch, in turn on the
 * same CPU, and the time from nothing to the first marks. Needs `npm run setup`. Writes RESULTS.md beside it.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { median } from "simple-statistics";
import { ropeParameters } from "../../src/recipe/rope.js";
import { parseRecipe } from "../../src/recipe/parse.js";
import { createScorer } from "../../src/scorer/client.js";
import { readPair } from "../../src/scorer/pair.js";
import { loadModel } from "../../src/scorer/sessions.js";
import { TextTokenizer } from "../../src/scorer/tokenizer.js";
import { planWindows } from "../../src/scorer/windows.js";
import { root, workerPython } from "../../scripts/lib.js";

const repetitions = 9;
const coldStarts = 5;
const threads = 1;
const example = join(root, "examples", "embedded");
const folder = join(example, "scorer");

async function main(): Promise<void> {
  const text = await heldout();
  const { onnx, torch, tokens } = await paired(text);
  const marks = await firstMarks(text);
  const ratios = onnx.map((seconds, index) => (torch[index] ?? Number.NaN) / seconds);
  const rows = [
    ["Tokens a second of the pair, onnxruntime-node", (tokens / median(onnx)).toFixed(0), ""],
    ["Tokens a second of the pair, PyTorch", (tokens / median(torch)).toFixed(0), ""],
    ["onnxruntime-node against PyTorch, median of pairs", `${median(ratios).toFixed(2)} ×`, "≥ 1.0 ×"],
    ["First marks from nothing (process, models, tokens, scores), median", `${median(marks).toFixed(0)} ms`, "< 1000 ms"],
    ["The same, worst", `${Math.max(...marks).toFixed(0)} ms`, "< 1000 ms"],
  ];
  const table = ["| claim | measured | wanted |", "|---|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
  const pair = await readPair(folder);
  const head = `# The in-editor scorer\n\n\`npx tsx bench/scorer/run.ts\`, ${cpus()[0]?.model.trim() ?? "?"}, ${threads} thread, ${tokens} tokens, ${repetitions} pairs in turn, windows of ${pair.base.window} (overlap ${pair.base.minContext}), ${pair.format}, float32 arithmetic on both sides.`;
  const check = JSON.parse(await readFile(join(folder, "scorer.json"), "utf8")) as { check: unknown };
  const body = `${head}\n\n${table}\n\nAgainst PyTorch on ${pair.name} (from its \`scorer.json\`):\n\n\`\`\`json\n${JSON.stringify(check.check, null, 2)}\n\`\`\`\n`;
  await writeFile(join(root, "bench", "scorer", "RESULTS.md"), body);
  console.log(body);
}

async function heldout(): Promise<string> {
  const files = Array.from({ length: 8 }, (_, index) => join(example, "heldout", `${String(index + 1).padStart(4, "0")}.txt`));
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
}

/** Seconds of each repetition on both sides, in turn. */
async function paired(text: string): Promise<{ onnx: number[]; torch: number[]; tokens: number }> {
  const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, "utf8")) as unknown;
  const tokenizer = new TextTokenizer(await json(join(folder, "tokenizer.json")), await json(join(folder, "tokenizer_config.json")));
  const { ids } = tokenizer.encode(text);
  const pair = await readPair(folder);
  const models = [
    await loadModel(join(folder, pair.base.file), () => undefined, threads),
    await loadModel(join(folder, pair.extended.file), () => undefined, threads),
  ];
  const plan = planWindows(0, ids.length, pair.base);
  const once = async (): Promise<number> => {
    const started = performance.now();
    for (const window of plan) for (const model of models) await model.score(ids, window);
    return (performance.now() - started) / 1000;
  };
  await once();
  const scratch = await mkdtemp(join(tmpdir(), "bench-scorer-"));
  try {
    const rope = join(scratch, "rope.json");
    const tokens = join(scratch, "tokens.json");
    await writeFile(rope, JSON.stringify(await reference()));
    await writeFile(tokens, JSON.stringify([...ids]));
    const args = [
      join(root, "bench", "scorer", "pytorch.py"),
      join(example, "model"),
      rope,
      tokens,
      pair.base.window,
      pair.base.minContext,
      threads,
    ];
    const env = { ...process.env, OMP_NUM_THREADS: String(threads), PYTHONPATH: join(root, "native-bin", "worker", "src") };
    const child = spawn(await workerPython(false), args.map(String), { stdio: ["pipe", "pipe", "inherit"], env });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => {
      const line: IteratorResult<string, unknown> = await lines.next();
      if (line.done === true) throw new Error("PyTorch ended early");
      return line.value;
    };
    await next();
    const onnx: number[] = [];
    const torch: number[] = [];
    for (let repetition = 0; repetition < repetitions; repetition++) {
      onnx.push(await once());
      child.stdin.write("\n");
      torch.push(Number(await next()));
    }
    child.stdin.end();
    return { onnx, torch, tokens: ids.length };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Rotary parameters of the pair's extended model: those of the embedded recipe. */
async function reference(): Promise<unknown> {
  const parsed = parseRecipe(await readFile(join(example, "embedded.longrecipe.json"), "utf8"));
  if (!("recipe" in parsed)) throw new Error("the embedded recipe has problems");
  const config = JSON.parse(await readFile(join(example, "model", "config.json"), "utf8")) as {
    max_position_embeddings: number;
    head_dim: number;
    rope_parameters: Record<string, unknown>;
  };
  const facts = {
    model: "embedded",
    window: config.max_position_embeddings,
    headDimension: config.head_dim,
    ropeParameters: config.rope_parameters,
    layers: 4,
    modelType: "llama",
  };
  return ropeParameters(parsed.recipe.rope, facts, parsed.recipe.targetLength);
}

/** Milliseconds from the first request of a new process to its first part. */
async function firstMarks(text: string): Promise<number[]> {
  const found: number[] = [];
  for (let start = 0; start < coldStarts; start++) {
    const scorer = createScorer({
      program: join(root, "dist", "scorer.js"),
      pair: () => folder,
      log: () => undefined,
      onCrash: (error) => console.error(error.message),
    });
    const started = performance.now();
    for await (const part of scorer.score({ text, visible: { start: 0, end: 3000 } }, new AbortController().signal)) {
      if (part.end > 0) break;
    }
    found.push(performance.now() - started);
    scorer.dispose();
  }
  return found;
}

void main();
