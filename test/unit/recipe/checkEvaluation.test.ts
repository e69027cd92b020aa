import { describe, expect, it } from "vitest";
import { recipeSchema, type RecipeInput } from "../../../src/protocol/recipe.js";
import type { Inspection } from "../../../src/protocol/tables.js";
import { checkFacts, checkRecipe } from "../../../src/recipe/check.js";
import { located } from "../../../src/recipe/located.js";

function recipe(evaluation: RecipeInput["evaluation"]) {
  return recipeSchema.parse({ model: "m", targetLength: 32_768, corpus: { include: ["c"] }, evaluation });
}

const paths = (evaluation: RecipeInput["evaluation"]): string[] => checkRecipe(recipe(evaluation)).map(({ path }) => path);

describe("checkRecipe of an evaluation", () => {
  it.each<[RecipeInput["evaluation"], string[]]>([
    [{}, []],
    [{ needle: { kinds: ["sentence", "passkey", "uuid", "multi"], haystacks: "shared" } }, []],
    [{ needle: { haystacks: "shared", keys: ["a", "b", "c", "d"], distractors: 0 } }, ["evaluation.needle.keys"]],
    [{ needle: { kinds: ["multi"], haystacks: "shared", valueDigits: 1 } }, ["evaluation.needle.valueDigits"]],
    [
      { ruler: { enabled: true, tasks: ["qa_1", "qa_2"], lengths: [65_536] } },
      ["evaluation.ruler.lengths[0]", "evaluation.ruler.squad", "evaluation.ruler.hotpot"],
    ],
    [{ ruler: { enabled: false, tasks: ["qa_1"] } }, []],
    [{ models: [{ name: "base", path: "x" }] }, ["evaluation.models[0].name"]],
    [
      {
        models: [
          { name: "x", path: "x" },
          { name: "x", server: { url: "http://localhost/v1", model: "x" } },
        ],
      },
      ["evaluation.models[1].name"],
    ],
    [{ ownModels: false }, ["evaluation.ownModels"]],
    [
      {
        longBench: [
          { format: "longbench", path: "x", tasks: ["hotpotqa", "hotpotqa_e", "musique_e", "shortdep_qa"] },
          { format: "loogle", path: "x", tasks: ["hotpotqa", "shortdep_qa"] },
          { format: "longbench-v2", path: "x", tasks: ["longbench-v2", "easy"] },
        ],
      },
      [
        "evaluation.longBench[0].tasks[2]",
        "evaluation.longBench[0].tasks[3]",
        "evaluation.longBench[1].tasks[0]",
        "evaluation.longBench[2].tasks[1]",
      ],
    ],
  ])("%j: %j", (evaluation, expected) => {
    expect(paths(evaluation)).toEqual(expected);
  });
});

it("names the data sets that there are where a recipe asks for another, and says where it does", () => {
  const evaluation = { longBench: [{ format: "loogle" as const, path: "x", tasks: ["longdep_qa", "qa"] }] };
  const problems = checkRecipe(recipe(evaluation));
  const message = "loogle has no data set `qa`; it has shortdep_qa, longdep_qa, longdep_summarization, shortdep_cloze";
  expect(problems).toEqual([{ path: "evaluation.longBench[0].tasks[1]", message }]);
  expect(located(problems, "r.json", JSON.stringify({ evaluation }, null, 1))[0]?.at).toEqual({ file: "r.json", line: 9, column: 6 });
});

describe("checkFacts of an evaluation alone", () => {
  const base: Inspection = {
    model: "m",
    path: "m",
    architecture: "GPT2LMHeadModel",
    modelType: "gpt2",
    window: 65_536,
    vocabularySize: 1_000,
    parameters: 1,
    hiddenSize: 1,
    layers: 1,
    headDimension: null,
    ropeParameters: null,
    tokenizerHash: "t",
    hasOffsets: true,
    contentHash: "c",
  };
  const found = (evaluation: RecipeInput["evaluation"], facts: Partial<Inspection>, evaluationOnly: boolean) =>
    checkFacts(recipe(evaluation), { base: { ...base, ...facts }, reference: null, corpusFiles: {}, evaluationOnly }).map(
      ({ path }) => path,
    );

  it("takes models that cannot be extended, and asks for a tokenizer and template that fit", () => {
    expect(found({}, {}, true)).toEqual([]);
    expect(found({}, {}, false)).toEqual(expect.arrayContaining(["targetLength", "model"]));
    expect(found({}, { hasOffsets: false }, true)).toEqual(["model"]);
    expect(found({ needle: { prompting: "chat" } }, {}, true)).toEqual(["evaluation.needle.prompting"]);
    expect(found({ needle: { prompting: "chat" } }, { chatTemplate: { before: "<", after: ">" } }, true)).toEqual([]);
  });
});
