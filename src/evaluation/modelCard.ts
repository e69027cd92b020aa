/** README.md of a merged checkpoint: what it was made from, how, and how it scores. Hubs read the lines at its top. */
import type { Recipe } from "../protocol/recipe.js";
import { escapeMarkdown, tokensText } from "./format.js";
import { reportTables, type ReportInput } from "./report.js";
import { markdownTable } from "./reportMarkdown.js";
import { verdicts } from "./verdict.js";

const hubId = /^[\w.-]+\/[\w.-]+$/u;

/** @param input with the recipe; the card's name is the run's */
export function modelCard(input: ReportInput & { readonly recipe: Recipe }): string {
  const { summary, recipe, diagnoses } = input;
  const { window, targetLength } = summary;
  const lines = [
    ...frontMatter(recipe),
    `# ${escapeMarkdown(summary.run)}`,
    "",
    `${escapeMarkdown(recipe.model)} with its context window extended from ${tokensText(window)} to ${tokensText(targetLength)} tokens by LongRecipe ` +
      "(position-skipping training on impactful sentences, replay, merge with the base).",
    "",
    "## Use",
    "",
    "The rotary parameters of the new window are in `config.json`; nothing else is needed.",
    "",
    "```python",
    "from transformers import AutoModelForCausalLM, AutoTokenizer",
    "",
    'model = AutoModelForCausalLM.from_pretrained("PATH_TO_THIS_FOLDER")',
    'tokenizer = AutoTokenizer.from_pretrained("PATH_TO_THIS_FOLDER")',
    "```",
    "",
    "## Evaluation",
    "",
    ...verdicts(summary).map((line) => `- ${escapeMarkdown(line)}`),
    "",
    ...reportTables(input).flatMap(markdownTable),
    ...(diagnoses.length === 0
      ? []
      : [
          "## Known limits",
          "",
          ...diagnoses.map(({ title, evidence }) => `- **${escapeMarkdown(title)}.** ${escapeMarkdown(evidence)}`),
          "",
        ]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

/** YAML for model hubs; a base that is a folder of somebody's machine is not named there. */
function frontMatter({ model }: Recipe): string[] {
  return [
    "---",
    "library_name: transformers",
    "pipeline_tag: text-generation",
    ...(hubId.test(model) ? [`base_model: ${model}`, "base_model_relation: finetune"] : []),
    "tags:",
    "  - long-context",
    "  - longrecipe",
    "---",
    "",
  ];
}
