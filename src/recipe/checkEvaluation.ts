/** Whether what a recipe evaluates can work at all. */
import { needleLengths } from "../evaluation/lengths.js";
import { setNames } from "../evaluation/longbench/names.js";
import { distractorCount, keysNeeded, needleKeys } from "../evaluation/needlePlan.js";
import { valuesOfMulti } from "../evaluation/needleTexts.js";
import type { NeedleSettings, Recipe } from "../protocol/recipe.js";
import type { Inspection } from "../protocol/tables.js";
import type { Report } from "./check.js";

/** Names that the run's own models have in the results. */
const ownNames: ReadonlySet<string> = new Set(["base", "rope", "extended", "merged"]);

/** Checks that need nothing but the recipe. */
export function checkEvaluation(recipe: Recipe, report: Report): void {
  checkNeedle(recipe, report);
  checkRuler(recipe, report);
  checkDataSets(recipe, report);
  checkFurtherModels(recipe, report);
}

/** Checks against the model whose tokenizer counts the tokens. */
export function checkEvaluatedModel(recipe: Recipe, base: Inspection, report: Report): void {
  const { needle } = recipe.evaluation;
  if (!needle.enabled) return;
  if (needleLengths(needle, base.window, recipe.targetLength).length === 0) report("evaluation.needle.lengths", "no length to evaluate");
  if (needle.prompting === "chat" && base.chatTemplate == null) {
    report("evaluation.needle.prompting", "the model's tokenizer has no chat template that leaves a message as it is; take `base`");
  }
}

function checkNeedle(recipe: Recipe, report: Report): void {
  const { needle } = recipe.evaluation;
  const T = recipe.targetLength;
  if (!needle.enabled) return;
  needle.lengths?.forEach((length, place) => {
    if (length > T) report(`evaluation.needle.lengths[${place}]`, `${length} is beyond targetLength (${T})`);
    if (length < leastPromptTokens(needle, length)) {
      report(`evaluation.needle.lengths[${place}]`, `${length} tokens cannot hold needle, distractors and question`);
    }
  });
  for (const name of ["key", "value"] as const) {
    if (!needle.needle.includes(`{${name}}`)) report("evaluation.needle.needle", `must hold {${name}}`);
  }
  if (!needle.question.includes("{key}")) report("evaluation.needle.question", "must hold {key}");
  if (needle.question.includes("{value}")) report("evaluation.needle.question", "must not hold {value}: it would give the answer away");
  const longest = Math.max(T, ...(needle.lengths ?? []));
  const facts = Math.max(...needle.kinds.map((kind) => keysNeeded(kind, needle, longest)));
  const keys = needleKeys(needle).length;
  const needles = needle.haystacks === "shared" ? new Set(needle.depths).size : 1;
  if (keys < facts) {
    const path = needle.keys !== undefined ? "keys" : needle.distractorSpacing !== undefined ? "distractorSpacing" : "distractors";
    const what = needles === 1 ? "a needle" : `${needles} needles`;
    report(
      `evaluation.needle.${path}`,
      `${keys} different keys are too few for ${what} and ${distractorCount(needle, longest)} distractors`,
    );
  }
  const values = needle.kinds.includes("multi") ? facts + (valuesOfMulti - 1) * needles : facts;
  if (10 ** needle.valueDigits < 4 * values) {
    report("evaluation.needle.valueDigits", `too few digits for ${values} different values`);
  }
}

/** A lower bound of the tokens in a prompt: no common tokenizer packs more than about eight characters into a token. */
function leastPromptTokens(needle: NeedleSettings, length: number): number {
  const characters = needle.question.length + (distractorCount(needle, length) + 1) * needle.needle.length;
  return Math.ceil(characters / 8) + 1;
}

function checkRuler(recipe: Recipe, report: Report): void {
  const { ruler } = recipe.evaluation;
  if (!ruler.enabled) return;
  ruler.lengths?.forEach((length, place) => {
    if (length > recipe.targetLength) {
      report(`evaluation.ruler.lengths[${place}]`, `${length} is beyond targetLength (${recipe.targetLength})`);
    }
  });
  if (ruler.tasks.includes("qa_1") && ruler.squad === undefined) report("evaluation.ruler.squad", "qa_1 needs SQuAD's file");
  if (ruler.tasks.includes("qa_2") && ruler.hotpot === undefined) report("evaluation.ruler.hotpot", "qa_2 needs HotpotQA's file");
}

function checkDataSets({ evaluation: { longBench } }: Recipe, report: Report): void {
  for (const [place, { format, tasks = [] }] of longBench.entries()) {
    const known = setNames(format);
    for (const [at, name] of tasks.entries()) {
      if (known.includes(name)) continue;
      report(`evaluation.longBench[${place}].tasks[${at}]`, `${format} has no data set \`${name}\`; it has ${known.join(", ")}`);
    }
  }
}

function checkFurtherModels(recipe: Recipe, report: Report): void {
  const { models, ownModels } = recipe.evaluation;
  const seen = new Set<string>();
  models.forEach(({ name }, place) => {
    if (ownNames.has(name)) report(`evaluation.models[${place}].name`, `\`${name}\` is what a model of the run is called`);
    if (seen.has(name)) report(`evaluation.models[${place}].name`, `there is another model of the name ${name}`);
    seen.add(name);
  });
  if (!ownModels && models.length === 0) report("evaluation.ownModels", "no model is left to evaluate: give some in `models`");
}
