import { describe, expect, it } from "vitest";
import { squadData } from "../../../../src/evaluation/ruler/answeringData.js";
import { UserError } from "../../../../src/protocol/errors.js";
import { recipeSchema } from "../../../../src/protocol/recipe.js";
import type { BenchmarkContext } from "../../../../src/runner/stages/evaluation/benchmark.js";
import { rulerInputs } from "../../../../src/runner/stages/evaluation/rulerSources.js";
import { rulerLengths, rulerQuestions } from "../../../../src/runner/stages/evaluation/rulerTask.js";
import type { TokenizedText } from "../../../../src/runner/stages/evaluation/tokenizer.js";
import { count, essayTexts } from "./sources.js";

const golden = new URL("golden/", import.meta.url).pathname;

/** A context whose tokenizer counts as the embedded model's does, and puts one token before every prompt. */
function contextOf(ruler: object, essays: readonly string[] = essayTexts()): BenchmarkContext & { rounds: number } {
  const recipe = recipeSchema.parse({
    model: "none",
    targetLength: 2048,
    corpus: { include: ["corpus"] },
    evaluation: { ruler: { enabled: true, samples: 2, ...ruler } },
  });
  const tokenized = (text: string): TokenizedText => {
    const [length = 0] = count([text]);
    return { text, ids: new Int32Array(length).fill(7), starts: new Int32Array(length), ends: new Int32Array(length) };
  };
  const context = {
    rounds: 0,
    tools: {
      directory: "",
      recipeDirectory: golden,
      emit: () => undefined,
      runJob: () => Promise.reject(new Error("no job is needed")),
      checkpoint: () => undefined,
    },
    task: {
      run: "test",
      models: [],
      tokenizer: { model: "none", promptPrefix: [1], chatTemplate: { before: "<user>", after: "<assistant>" } },
      window: 1024,
      targetLength: 2048,
      evaluation: recipe.evaluation,
      corpus: recipe.corpus,
      seed: recipe.seed,
    },
    tokenizer: {
      tokenize: (texts: readonly string[]) => {
        context.rounds++;
        return Promise.resolve(texts.map(tokenized));
      },
    },
    haystack: () => Promise.resolve(essays.map(tokenized)),
  };
  return context;
}

describe("RULER in an evaluation", () => {
  it("asks what was built, in tokens that were counted, with few rounds of the tokenizer", async () => {
    const context = contextOf({
      tasks: ["niah_single_1", "niah_single_2", "fwe", "qa_1", "qa_2"],
      lengths: [2048, 1024],
      squad: "squad.json",
      hotpot: "hotpot.json",
    });
    const { questions, missing } = await rulerQuestions(context);
    expect(missing).toEqual([]);
    expect(questions).toHaveLength(20);
    expect(new Set(questions.map(({ length }) => length))).toEqual(new Set([1024, 2048]));
    for (const { ids, text, answerPrefix, length, maxNewTokens } of questions) {
      expect(ids?.length).toBe(1 + (count([text + (answerPrefix ?? "")])[0] ?? 0));
      expect(ids?.[0]).toBe(1);
      expect((ids?.length ?? 0) + maxNewTokens).toBeLessThanOrEqual(length);
    }
    expect(questions.find(({ task }) => task === "ruler/qa_1")).toMatchObject({ metric: "ruler-part", maxNewTokens: 32 });
    expect(questions.find(({ task }) => task === "ruler/fwe")).toMatchObject({ metric: "ruler-all", maxNewTokens: 50 });
    expect(context.rounds).toBeLessThan(12);
  });

  it("keeps room for the chat template", async () => {
    const { questions } = await rulerQuestions(contextOf({ tasks: ["niah_single_1"], lengths: [1024], prompting: "chat" }));
    expect(questions[0]).toMatchObject({ prompting: "chat" });
    expect(questions[0]?.ids).toBeUndefined();
  });

  it("goes on without a data set that cannot be used, and says which and why", async () => {
    const context = contextOf({ tasks: ["niah_single_1", "qa_1", "qa_2"], lengths: [1024], squad: "nowhere.json", hotpot: "squad.json" });
    const { questions, missing } = await rulerQuestions(context);
    expect(questions.map(({ task }) => task)).toEqual(["ruler/niah_single_1", "ruler/niah_single_1"]);
    expect(missing).toMatchObject([
      { model: null, task: "ruler/qa_1", length: 1024, count: 2 },
      { model: null, task: "ruler/qa_2", length: 1024, count: 2 },
    ]);
    expect(missing[0]?.reason).toMatch(/evaluation\.ruler\.squad \(nowhere\.json\): the file cannot be read/u);
    expect(missing[1]?.reason).toMatch(/evaluation\.ruler\.hotpot \(squad\.json\): the file has another format/u);
  });

  it("reads SQuAD v1.1, too, whose questions all have an answer", () => {
    const paragraphs = [
      { context: "Ada was born in London.", qas: [{ question: "Where?", id: "1", answers: [{ text: "London", answer_start: 16 }] }] },
    ];
    expect(squadData({ version: "1.1", data: [{ title: "Ada", paragraphs }] })).toEqual({
      documents: ["Ada was born in London."],
      questions: [{ query: "Where?", outputs: ["London"], context: [0], more: [] }],
    });
  });

  it("says which lengths are too short, and ends", async () => {
    const { questions, missing } = await rulerQuestions(contextOf({ tasks: ["cwe", "vt"], lengths: [64, 2048] }));
    expect(new Set(questions.map(({ length }) => length))).toEqual(new Set([2048]));
    expect(missing.map(({ task, length, count: lacking }) => [task, length, lacking])).toEqual([
      ["ruler/cwe", 64, 2],
      ["ruler/vt", 64, 2],
    ]);
    expect(missing[0]?.reason).toMatch(/No prompt of ruler\/cwe can be built in 64 tokens/u);
  });

  it("refuses a task whose file the recipe does not name, and a haystack without words", async () => {
    await expect(rulerQuestions(contextOf({ tasks: ["qa_1"] }))).rejects.toThrow(UserError);
    await expect(rulerQuestions(contextOf({ tasks: ["qa_1"] }))).rejects.toThrow(
      /qa_1 needs the SQuAD v2.*evaluation\.ruler\.squad is not set/u,
    );
    await expect(rulerQuestions(contextOf({ tasks: ["niah_single_2"] }, [" \n "]))).rejects.toThrow(/no words/u);
  });

  it("goes from half the window to the target, unless the recipe says otherwise", () => {
    expect(rulerLengths({}, { window: 1024, targetLength: 8192 })).toEqual([512, 1024, 2048, 4096, 8192]);
    expect(rulerLengths({ lengths: [4096, 2048, 4096] }, { window: 1024, targetLength: 8192 })).toEqual([2048, 4096]);
  });

  it("is another stage when a data file is another", async () => {
    const { ruler } = contextOf({ tasks: ["qa_1"], squad: "squad.json" }).task.evaluation;
    const one = await rulerInputs(ruler, golden);
    expect(one).toMatchObject({ hotpot: null, squad: expect.stringMatching(/^[0-9a-f]{64}$/u) as unknown });
    expect(await rulerInputs({ ...ruler, squad: "hotpot.json" }, golden)).not.toEqual(one);
  });
});
