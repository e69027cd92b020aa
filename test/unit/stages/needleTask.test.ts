import { describe, expect, it } from "vitest";
import { needleSchema, recipeSchema, type RecipeInput } from "../../../src/protocol/recipe.js";
import type { BenchmarkContext, TaskTokenizer } from "../../../src/runner/stages/evaluation/benchmark.js";
import { needleQuestions } from "../../../src/runner/stages/evaluation/needleTask.js";
import { promptHash } from "../../../src/evaluation/needle.js";
import { Words } from "../evaluation/words.js";
import { story } from "./story.js";

type NeedleInput = NonNullable<NonNullable<RecipeInput["evaluation"]>["needle"]>;

async function questions(needle: NeedleInput, around: Omit<TaskTokenizer, "model"> = {}) {
  const words = new Words();
  const tokenizer = { tokenize: (texts: readonly string[]) => Promise.resolve(texts.map((text) => words.tokenize(text))) };
  const haystack = Array.from({ length: 4 }, (_, at) => words.tokenize(story(at, 60)));
  const recipe = recipeSchema.parse({ model: "m", targetLength: 1_024, corpus: { include: ["c"] }, evaluation: { needle } });
  const context: BenchmarkContext = {
    tools: { directory: "", recipeDirectory: "", emit: () => undefined, runJob: () => Promise.resolve(), checkpoint: () => undefined },
    task: {
      run: "r",
      models: [],
      tokenizer: { model: "m", ...around },
      window: 256,
      targetLength: 1_024,
      evaluation: recipe.evaluation,
      corpus: recipe.corpus,
      seed: 7,
    },
    tokenizer,
    haystack: () => Promise.resolve(haystack),
  };
  return { ...(await needleQuestions(context)), words };
}

describe("needleQuestions", () => {
  it("gives the very prompts that it has always given where nothing else is asked for", async () => {
    const { questions: found } = await questions({ trials: 2, depths: [0, 0.5, 1] });
    expect(found).toHaveLength(30);
    const told = found.map(
      ({ ids, length, depth, trial, references }) => `${length} ${depth} ${trial} ${references[0]} ${promptHash(ids!)}`,
    );
    expect(told.slice(0, 3)).toEqual(["64 0 0 00574 7cb53142bc936f83", "64 0 1 17065 1a071b510a0586c8", "64 0.5 0 18141 9d57bae40e03b2b5"]);
    expect(told.slice(-2)).toEqual(["1024 1 0 71130 7f95c22abd8851e9", "1024 1 1 57924 f9592b2e4462b1c7"]);
  });

  it("counts the tokenizer's own prefix, and what a chat template puts around", async () => {
    const template = { before: "<user>\n", after: "</user>\n<assistant>\n" };
    for (const kinds of [["sentence"], ["passkey"], ["uuid"], ["multi"]] as const) {
      const base = await questions({ kinds: [...kinds], lengths: [256], trials: 1 }, { promptPrefix: [9_001, 9_002] });
      for (const { ids, text } of base.questions) {
        expect(ids).toHaveLength(256);
        expect([...ids!.subarray(0, 2)]).toEqual([9_001, 9_002]);
        expect(base.words.text(ids!.subarray(2))).toBe(text);
      }
      const chat = await questions(
        { kinds: [...kinds], lengths: [256], trials: 1, prompting: "chat" },
        { promptPrefix: [9_001], chatTemplate: template },
      );
      for (const { ids, text, answerPrefix } of chat.questions) {
        expect(ids).toHaveLength(256);
        expect(chat.words.text(ids!)).toBe(`${template.before}${text}${template.after}${answerPrefix}`);
      }
    }
    await expect(questions({ prompting: "chat" })).rejects.toMatchObject({ code: "no-chat-template" });
  });

  it("puts the needles of all depths into one haystack where it is shared: prompts differ in the question alone", async () => {
    const depths = [0, 0.25, 0.5, 0.75, 1];
    for (const kind of ["sentence", "multi"] as const) {
      const { questions: found } = await questions({ kinds: [kind], haystacks: "shared", lengths: [512], depths, trials: 2 });
      expect(found.map(({ depth, trial }) => `${depth} ${trial}`)).toEqual(
        [0, 1].flatMap((trial) => depths.map((depth) => `${depth} ${trial}`)),
      );
      for (const trial of [0, 1]) {
        const same = found.filter((question) => question.trial === trial);
        const common = same[0]!.text.slice(0, -same[0]!.parts!.question.length);
        for (const { ids, text, parts } of same) {
          expect(ids).toHaveLength(512);
          expect(text).toBe(`${common}${parts!.question}`);
          for (const needle of parts!.needles) expect(common).toContain(needle);
        }
        const places = same.map(({ parts }) => common.indexOf(parts!.needles[0]!));
        expect(places).toEqual([...places].sort((a, b) => a - b));
      }
    }
  });

  it("refuses shared haystacks where the keys' questions differ in length", async () => {
    const keys = ["Rome", "New York", "Rio de Janeiro", "Port of Spain Town", "Bad Homburg vor der Hohe"];
    const settings: NeedleInput = { haystacks: "shared", keys, distractors: 0, lengths: [512] };
    await expect(questions(settings)).rejects.toMatchObject({ code: "needle-keys-uneven" });
  });

  it("tells of lengths that cannot hold the facts", async () => {
    const { questions: found, missing } = await questions({ lengths: [16, 64], trials: 1, depths: [0.5] });
    expect(found.map(({ length }) => length)).toEqual([64]);
    expect(missing).toEqual([
      { model: null, task: "needle", length: 16, count: 1, reason: expect.stringContaining("Prompts of 16 tokens") as string },
    ]);
  });

  it("asks for sentences without distractors too", async () => {
    const { questions: found } = await questions({ lengths: [256], trials: 1, single: true });
    expect(found.map(({ task }) => task)).toEqual([...Array<string>(5).fill("needle"), ...Array<string>(5).fill("needle-single")]);
    expect(found.slice(5).map(({ parts }) => parts!.distractors)).toEqual(Array(5).fill([]));
    expect(found.slice(5).map(({ references }) => references)).toEqual(found.slice(0, 5).map(({ references }) => references));
  });
});

it("has defaults that ask for what was always asked for", () => {
  expect(needleSchema.parse({})).toMatchObject({
    kinds: ["sentence"],
    prompting: "base",
    scoring: "exact",
    haystacks: "own",
    single: false,
  });
});
