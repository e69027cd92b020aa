/** The in-editor scorer against the worker: the same tokens at the same places, and the same significance. */
import * as fc from "fast-check";
import { copyFile, mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { sampleRankCorrelation } from "simple-statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/environment/locations.js";
import type { Job, JobKind, RopeParameters } from "../../src/protocol/jobs.js";
import { significance } from "../../src/recipe/significance.js";
import { inspectionSchema } from "../../src/protocol/tables.js";
import { ropeParameters } from "../../src/recipe/rope.js";
import { loadRecipe } from "../../src/runner/cli/context.js";
import { readAll } from "../../src/runner/tables/reader.js";
import { writeTable } from "../../src/runner/tables/writer.js";
import { Engine } from "../../src/scorer/engine.js";
import { readPair } from "../../src/scorer/pair.js";
import { TextTokenizer } from "../../src/scorer/tokenizer.js";
import { startProgram, workerPython } from "./support/cli.js";

const root = packageRoot();
const example = join(root, "examples", "embedded");
const pairFolder = join(example, "scorer");
let folder: string;
let python: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "scorer-"));
  await mkdir(join(folder, "control"));
  python = await workerPython();
  process.env["PYTHONPATH"] = join(root, "native-bin", "worker", "src");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Asked = {
  [K in JobKind]: Omit<Extract<Job, { kind: K }>, "version" | "events" | "control" | "device" | "precision" | "seed">;
}[JobKind];

async function work(name: string, job: Asked): Promise<void> {
  const file = join(folder, `${name}.json`);
  const common = {
    version: 1,
    events: join(folder, `${name}.jsonl`),
    control: join(folder, "control"),
    device: "cpu",
    precision: "float32",
    seed: 1,
  };
  await writeFile(file, JSON.stringify({ ...common, ...job }));
  const { code, out, err } = await startProgram(python, ["-m", "longrecipe_worker", file]).ended;
  expect(code, out + err).toBe(0);
}

async function documents(name: string, texts: readonly string[]): Promise<string> {
  const path = join(folder, `${name}.arrow`);
  await writeTable(path, "documents", async (writer) => {
    for (const [document, text] of texts.entries()) await writer.append({ document, path: `${document}.txt`, hash: "", text });
  });
  return path;
}

async function tokenizer(model: string): Promise<TextTokenizer> {
  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(model, name), "utf8")) as unknown;
  return new TextTokenizer(await json("tokenizer.json"), await json("tokenizer_config.json"));
}

/** Tokenizers in the manner of Llama 3 with NFC (Qwen), of GPT-2 with trimmed offsets, and of Llama 2. */
const makeTokenizers = `
import sys
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast
texts = [open(f, encoding="utf8").read() for f in sys.argv[2:]]
words = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
def save(t, name):
    t.add_special_tokens([AddedToken("<|end|>", special=True)])
    PreTrainedTokenizerFast(tokenizer_object=t).save_pretrained(sys.argv[1] + "/" + name)
def bytelevel(name, splitter, normalizer, post):
    t = Tokenizer(models.BPE())
    t.normalizer = normalizer
    t.pre_tokenizer = splitter
    t.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    t.decoder = decoders.ByteLevel()
    if post: t.post_processor = post
    save(t, name)
plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
bytelevel("qwen", pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(words), "isolated"), plain]), normalizers.NFC(), None)
bytelevel("gpt2", pre_tokenizers.ByteLevel(add_prefix_space=False), None, processors.ByteLevel(trim_offsets=True))
alphabet = ["<unk>"] + [f"<0x{b:02X}>" for b in range(256)]
t = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
t.normalizer = normalizers.Sequence([normalizers.Prepend("\\u2581"), normalizers.Replace(" ", "\\u2581")])
t.train_from_iterator([w for x in texts for w in x.split()], trainers.BpeTrainer(vocab_size=900, special_tokens=alphabet))
import json
state = json.loads(t.to_str())
state["added_tokens"] = [a for a in state["added_tokens"] if a["content"] == "<unk>"]
save(Tokenizer.from_str(json.dumps(state)), "llama2")
`;

describe("tokens", () => {
  it("have the ids and places that the worker's tokenizers give them", async () => {
    await writeFile(join(folder, "make.py"), makeTokenizers);
    const corpus = ["0001.txt", "0002.txt"].map((file) => join(example, "heldout", file));
    const made = await startProgram(python, [join(folder, "make.py"), folder, ...corpus]).ended;
    expect(made.code, made.err).toBe(0);
    for (const name of ["qwen", "gpt2", "llama2"]) await copyFile(join(example, "model", "config.json"), join(folder, name, "config.json"));
    const words = fc.constantFrom(
      " ",
      "  ",
      "\n",
      "\n\n",
      "\t",
      "the",
      "Ring 4821",
      "e\u0301",
      "é",
      "가",
      "각",
      "😀",
      "👩‍👩‍👧",
      "漢字",
      "<|end|>",
      "▁",
      "'s",
    );
    const strings = fc.array(fc.oneof(words, fc.string({ unit: "grapheme" })), { minLength: 1 }).map((parts) => parts.join(""));
    const texts = [...fc.sample(strings, { numRuns: 400, seed: 7 }), await readFile(corpus[0] ?? "", "utf8")].filter((text) => text !== "");
    const table = await documents("texts", texts);
    for (const model of [join(example, "model"), join(folder, "qwen"), join(folder, "gpt2"), join(folder, "llama2")]) {
      const output = join(folder, "tokens.arrow");
      await work("tokenize", { kind: "tokenize", model, documents: table, output });
      const ours = await tokenizer(model);
      for (const { document, ids, starts, ends } of await readAll(output, "tokens")) {
        const text = texts[document] ?? "";
        const found = ours.encode(text);
        expect([...found.ids], `${model}: ${JSON.stringify(text)}`).toEqual([...ids]);
        // Composed characters of several: Python names the first of them, here all are meant.
        if (text !== text.normalize("NFC") && model.endsWith("qwen")) continue;
        expect([...found.starts], `${model}: ${JSON.stringify(text)}`).toEqual([...starts]);
        expect([...found.ends], `${model}: ${JSON.stringify(text)}`).toEqual([...ends]);
      }
    }
  });
});

describe("significance", () => {
  it("is the worker's, on a real file", async () => {
    const text = await readFile(join(example, "heldout", "0001.txt"), "utf8");
    const pair = await readPair(pairFolder);
    const model = join(example, "model");
    const tokens = join(folder, "file-tokens.arrow");
    await work("file", { kind: "tokenize", model, documents: await documents("file", [text]), output: tokens });
    const rope = await extendedRope();
    await work("score", {
      kind: "score",
      tokens,
      models: [
        { name: "base", model: { path: model } },
        { name: "extended", model: { path: model, rope } },
      ],
      window: pair.base.window,
      minContext: pair.base.minContext,
      output: folder,
    });
    const [base] = await readAll(join(folder, "scores-base.arrow"), "scores");
    const [extended] = await readAll(join(folder, "scores-extended.arrow"), "scores");
    const theirs = significance(base!, extended!, pair.measure);

    const engine = await Engine.load(pairFolder, () => undefined);
    const ours = new Float32Array(theirs.length).fill(Number.NaN);
    const [{ starts } = { starts: new Int32Array() }] = await readAll(tokens, "tokens");
    const at = new Map([...starts].map((start, index) => [start, index]));
    for await (const part of engine.score(text, { start: 0, end: 100 }, new AbortController().signal)) {
      const first = at.get(part.tokens.starts[0] ?? -1);
      expect(first).toBeDefined();
      ours.set(part.tokens.score, first);
    }
    await engine.release();
    expect(Number.isNaN(ours[0])).toBe(true);
    expect(ours.slice(1).some(Number.isNaN)).toBe(false);
    const off = ours.slice(1).map((value, index) => Math.abs(value - (theirs[index + 1] ?? Number.NaN)));
    expect(Math.max(...off)).toBeLessThan(0.2);
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(0.01);
    expect(sampleRankCorrelation([...ours.slice(1)], [...theirs.slice(1)])).toBeGreaterThan(0.999);
  });
});

/** The rotary parameters of the reference that the shipped pair was exported with. */
async function extendedRope(): Promise<RopeParameters> {
  const model = join(example, "model");
  await work("inspect", { kind: "inspect", models: [model], output: join(folder, "inspection.json") });
  const [inspection] = inspectionSchema.array().parse(JSON.parse(await readFile(join(folder, "inspection.json"), "utf8")));
  const { recipe } = await loadRecipe(join(example, "embedded.longrecipe.json"));
  return ropeParameters(recipe.rope, inspection!, recipe.targetLength);
}
