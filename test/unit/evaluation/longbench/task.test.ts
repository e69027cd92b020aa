import { copyFile, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { parsePython } from "../../../../src/evaluation/longbench/pythonLiteral.js";
import { holdsHalves, roughlyCut, withoutMiddle } from "../../../../src/evaluation/longbench/truncate.js";
import { evaluationSchema } from "../../../../src/protocol/recipe/evaluation.js";
import type { LongBenchSettings } from "../../../../src/protocol/recipe/longbench.js";
import type { BenchmarkContext } from "../../../../src/runner/stages/evaluation/benchmark.js";
import { longBenchInputs, longBenchQuestions } from "../../../../src/runner/stages/evaluation/longBenchTask.js";
import type { TokenizedText } from "../../../../src/runner/stages/evaluation/tokenizer.js";

/** A token is a word with the blanks before it. */
function tokenized(text: string): TokenizedText {
  const found = [...text.matchAll(/\s*\S+/gu)];
  const starts = Int32Array.from(found, ({ index }) => index);
  return { text, ids: starts.map((_, place) => place), starts, ends: Int32Array.from(found, (match) => match.index + match[0].length) };
}

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longbench-"));
});

function context(
  longBench: readonly (Pick<LongBenchSettings, "format"> & Partial<LongBenchSettings>)[],
  perplexity = { enabled: false },
): BenchmarkContext {
  const evaluation = evaluationSchema.parse({
    needle: { enabled: false },
    perplexity,
    longBench: longBench.map((one) => ({ path: ".", ...one })),
  });
  const tools = { directory: folder, recipeDirectory: folder, emit: vi.fn(), runJob: vi.fn(), checkpoint: vi.fn() };
  return {
    tools,
    task: {
      run: "r",
      models: [],
      tokenizer: { model: "m", promptPrefix: [1] },
      window: 512,
      targetLength: 1000,
      evaluation,
      corpus: { include: ["x"], exclude: [], textField: "text", onError: "fail" },
      seed: 1,
    },
    tokenizer: { tokenize: (texts) => Promise.resolve(texts.map(tokenized)) },
    haystack: () => Promise.resolve([]),
  };
}

function lines(...records: readonly unknown[]): string {
  return records.map((record) => (typeof record === "string" ? record : JSON.stringify(record))).join("\n");
}

const hotpot = { context: "Ada wrote {input} notes.", input: "Who wrote?", answers: ["Ada", "Ada L."], all_classes: null, length: 5000 };

describe("LongBench's questions", () => {
  it("have the published prompt, with braces of the text left alone", async () => {
    await writeFile(join(folder, "hotpotqa.jsonl"), lines(hotpot));
    const { questions, missing } = await longBenchQuestions(context([{ format: "longbench" }]));
    expect(missing).toEqual([]);
    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatchObject({ task: "longbench/hotpotqa", length: 64, maxNewTokens: 32, metric: "longbench-f1" });
    expect(questions[0]?.text).toMatch(/given passages\.\nAda wrote \{input\} notes\.\n\nAnswer .*\n\nQuestion: Who wrote\?\nAnswer:$/su);
  });

  it("lose their middle to fit beside the answer", async () => {
    const words = Array.from({ length: 5000 }, (_, at) => `w${String(at)}`).join(" ");
    await writeFile(join(folder, "gov_report.jsonl"), lines({ ...hotpot, context: words }));
    const [question] = (await longBenchQuestions(context([{ format: "longbench" }]))).questions;
    // 1000 tokens, of which 512 are for the answer and one for the beginning of the text.
    expect(tokenized(question?.text ?? "").ids.length).toBeGreaterThan(480);
    expect(tokenized(question?.text ?? "").ids.length).toBeLessThanOrEqual(487);
    expect(question?.text).toMatch(/^You are given a report .* w100 .* w4900 .*Summary:$/su);
  });

  it("are asked without a chat template where the published code does so", async () => {
    await writeFile(join(folder, "trec.jsonl"), lines({ ...hotpot, answers: ["Date"], all_classes: ["Date", "Place"] }));
    await writeFile(join(folder, "hotpotqa.jsonl"), lines(hotpot));
    const chat = context([{ format: "longbench", prompting: "chat" }]);
    const { questions } = await longBenchQuestions({
      ...chat,
      task: { ...chat.task, tokenizer: { model: "m", chatTemplate: { before: "<u> ", after: " </u>" } } },
    });
    expect(questions.map(({ task, prompting }) => [task, prompting])).toEqual([
      ["longbench/hotpotqa", "chat"],
      ["longbench/trec", "base"],
    ]);
  });

  it("come from the hub's zip, LongBench-E by its buckets", async () => {
    const e = [3999, 4000, 9000].map((length) => ({ ...hotpot, length }));
    await writeFile(join(folder, "data.zip"), zipSync({ "data/hotpotqa_e.jsonl": strToU8(lines(...e)) }));
    const { questions } = await longBenchQuestions(context([{ format: "longbench", path: "data.zip" }]));
    expect(questions.map(({ task, length }) => [task, length])).toEqual([
      ["longbench-e/hotpotqa", 4000],
      ["longbench-e/hotpotqa", 8000],
      ["longbench-e/hotpotqa", 16_000],
    ]);
  });

  it("come from the hub's tables, a folder for each set", async () => {
    await mkdir(join(folder, "hotpotqa"));
    await copyFile(join(__dirname, "hotpotqa.parquet"), join(folder, "hotpotqa", "test-00000-of-00001.parquet"));
    const { questions, missing } = await longBenchQuestions(context([{ format: "longbench" }]));
    expect(missing).toEqual([]);
    expect(questions.map(({ references }) => references)).toEqual([["Ada", "Ada L."], ["北京"]]);
    await writeFile(join(folder, "hotpotqa", "test-00000-of-00001.parquet"), "PAR1 no more");
    const broken = await longBenchQuestions(context([{ format: "longbench" }]));
    expect(broken.missing[0]).toMatchObject({ task: "longbench/hotpotqa", count: 200 });
    expect(broken.missing[0]?.reason).toMatch(/^test-00000-of-00001\.parquet cannot be read/u);
  });

  it("of broken records and missing sets are named, and the others are asked", async () => {
    await writeFile(join(folder, "hotpotqa.jsonl"), lines(hotpot, "{broken", { ...hotpot, answers: "Ada" }, hotpot));
    await writeFile(join(folder, "musique.jsonl"), "");
    const { questions, missing } = await longBenchQuestions(
      context([{ format: "longbench", tasks: ["hotpotqa", "musique", "narrativeqa"] }]),
    );
    expect(questions).toHaveLength(2);
    expect(missing.map(({ task, count }) => [task, count])).toEqual([
      ["longbench/hotpotqa", 2],
      ["longbench/musique", 1],
      ["longbench/narrativeqa", 200],
    ]);
    expect(missing[0]?.reason).toMatch(/^hotpotqa\.jsonl, line 2: it is not JSON/u);
    expect(missing[2]?.reason).toContain("narrativeqa");
  });

  it("without a file or folder end with what to do", async () => {
    const code = (settings: Parameters<typeof context>[0]) => longBenchQuestions(context(settings)).then(String, (fault: unknown) => fault);
    expect(await code([{ format: "longbench", path: "nowhere" }])).toMatchObject({ code: "dataset-missing" });
    expect(await code([{ format: "longbench", path: "THUDM/NotCached" }])).toMatchObject({
      remedy: expect.stringContaining("hf download") as string,
    });
    expect(await code([{ format: "longbench" }])).toMatchObject({ code: "dataset-empty" });
    await writeFile(join(folder, "data.zip"), "no zip");
    expect(await code([{ format: "longbench" }])).toMatchObject({ code: "dataset-broken" });
  });

  it("of an entry without files are missing where anything else is evaluated, and never end the others", async () => {
    await writeFile(join(folder, "hotpotqa.jsonl"), lines(hotpot));
    const others = await longBenchQuestions(
      context([{ format: "longbench", path: "nowhere", tasks: ["qasper", "trec_e"] }, { format: "longbench" }]),
    );
    expect(others.questions).toHaveLength(1);
    expect(others.missing.map(({ task, count }) => [task, count])).toEqual([
      ["longbench/qasper", 200],
      ["longbench-e/trec", 300],
    ]);
    const rest = context([{ format: "loogle", path: "nowhere" }], { enabled: true });
    expect(await longBenchQuestions(rest)).toMatchObject({ questions: [], missing: [{ task: "loogle", model: null }] });
    expect((await longBenchQuestions(rest)).missing[0]?.reason).toMatch(/there is nothing at nowhere\. Give the folder/u);
    expect(await longBenchInputs(rest.task, folder)).not.toEqual(await longBenchInputs(context([]).task, folder));
  });

  it("are found in the hub's cache, at the snapshot that main names", async () => {
    const cache = join(folder, "hub", "datasets--THUDM--LongBench");
    await mkdir(join(cache, "refs"), { recursive: true });
    await writeFile(join(cache, "refs", "main"), "abc\n");
    for (const revision of ["abc", "def"]) await mkdir(join(cache, "snapshots", revision), { recursive: true });
    await writeFile(join(cache, "snapshots", "abc", "hotpotqa.jsonl"), lines(hotpot));
    vi.stubEnv("HF_HOME", folder);
    const settings = [{ format: "longbench" as const, path: "THUDM/LongBench" }];
    expect((await longBenchQuestions(context(settings))).questions).toHaveLength(1);
    vi.unstubAllEnvs();
  });

  it("change the stage's key with the files that are read", async () => {
    await writeFile(join(folder, "hotpotqa.jsonl"), lines(hotpot));
    const { task } = context([{ format: "longbench", tasks: ["hotpotqa"] }]);
    const before = await longBenchInputs(task, folder);
    await writeFile(join(folder, "musique.jsonl"), lines(hotpot));
    expect(await longBenchInputs(task, folder)).toEqual(before);
    await writeFile(join(folder, "hotpotqa.jsonl"), lines(hotpot, hotpot));
    expect(await longBenchInputs(task, folder)).not.toEqual(before);
  });
});

describe("LongBench v2 and LooGLE", () => {
  it("v2: an array of records, by difficulty and group of lengths", async () => {
    const record = (difficulty: string, length: string) => ({
      ...{ _id: "1", domain: "d", sub_domain: "s", difficulty, length, question: " Why {?} ", context: ' a "b" [c] $Q$ ' },
      ...{ choice_A: "1", choice_B: "2", choice_C: "3", choice_D: "4", answer: "B" },
    });
    await writeFile(
      join(folder, "data.json"),
      JSON.stringify([record("easy", "short"), record("hard", "long"), record("odd", "short")], null, 1),
    );
    const { questions, missing } = await longBenchQuestions(context([{ format: "longbench-v2" }]));
    expect(questions.map(({ task, length, references }) => [task, length, references])).toEqual([
      ["longbench-v2/easy", 32_000, ["B"]],
      ["longbench-v2/hard", 2_000_000, ["B"]],
    ]);
    expect(questions[0]?.text).toContain(
      '<text>\na "b" [c] $Q$\n</text>\n\nWhat is the correct answer to this question: Why {?}\nChoices:\n(A) 1',
    );
    expect(missing[0]?.reason).toContain('data.json, record 3: "difficulty"');
  });

  it("LooGLE: every question of a document, whichever of its forms the file has", async () => {
    const asked = "[{'Q': \"What's it?\", 'A': 'It\\'s \\u0041', 'S': ['x']}, {'Q': 'Two?', 'A': 2, 'S': []}]";
    await writeFile(join(folder, "shortdep_qa.jsonl"), lines({ input: "long", title: "t", qa_pairs: asked, output: "none" }));
    await writeFile(join(folder, "longdep_qa.jsonl"), lines({ context: "long", question: "Q?", answer: "A", type: "retrieval" }));
    await writeFile(join(folder, "longdep_summarization.jsonl"), lines({ input: "paper", title: "t", qa_pairs: "none", output: "sum" }));
    const cloze = [{ Q: "<mask-0> sang", A: { "<mask-0>": "Bob" } }];
    await writeFile(join(folder, "shortdep_cloze.jsonl"), lines({ input: "long", qa_pairs: cloze, output: "none" }));
    const { questions, missing } = await longBenchQuestions(context([{ format: "loogle" }]));
    expect(missing).toEqual([]);
    expect(questions.map(({ task, references }) => [task, references[0]])).toEqual([
      ["loogle/shortdep_qa", "It's A"],
      ["loogle/shortdep_qa", "2"],
      ["loogle/longdep_qa", "A"],
      ["loogle/longdep_summarization", "sum"],
      ["loogle/shortdep_cloze", '{"<mask-0>":"Bob"}'],
    ]);
    expect(questions.at(-1)?.text).toContain("for example: {'<mask-0>': 'Bob', ");
  });
});

describe("prompts without their middle", () => {
  it("keep the same whether the middle was dropped before or not", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "bb", "ccc", "𝒳𝒴", "é"), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 2, max: 12 }),
        (words, limit) => {
          const text = words.join(" ");
          const exact = withoutMiddle(tokenized(text), limit);
          const cut = roughlyCut(text, limit);
          if (cut !== null) {
            expect(cut.text.length).toBeLessThan(text.length);
            const rough = tokenized(cut.text);
            expect(holdsHalves(rough, cut.border, limit)).toBe(true);
            expect(withoutMiddle(rough, limit)).toBe(exact);
          }
          if (words.length > limit) expect(tokenized(exact).ids.length).toBeLessThanOrEqual(limit);
          else expect(exact).toBe(text);
        },
      ),
    );
  });
});

describe("Python's literals", () => {
  it("are read as Python writes them", () => {
    expect(parsePython(`{'a': [1, -2.5, None, True], "b": ('x' "y", 'it\\'s\\n\\x41')}`)).toEqual({
      a: [1, -2.5, null, true],
      b: ["xy", "it's\nA"],
    });
    for (const broken of ["{'a': }", "['a'", "{'a' 1}", "eval(1)", "'a' b"]) expect(() => parsePython(broken)).toThrow(/character/u);
  });
});
