/** Evaluation of any models side by side: the same prompts and documents for all. */
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { UserError } from "../../../protocol/errors.js";
import type { Missing, Results } from "../../../protocol/results.js";
import { evaluationFiles } from "../files.js";
import { runAbility } from "./abilityTask.js";
import { ask } from "./ask.js";
import type { BenchmarkContext, BenchmarkQuestions, EvaluationTask, EvaluationTools } from "./benchmark.js";
import { haystacks } from "./corpora.js";
import { longBenchQuestions } from "./longBenchTask.js";
import { scoreLooGle } from "./looGleScores.js";
import { measurePerplexity } from "./measurePerplexity.js";
import { needleQuestions } from "./needleTask.js";
import { rulerQuestions } from "./rulerTask.js";
import { workerTokenizer } from "./tokenizer.js";

export interface Evaluated {
  readonly results: Results;
  /** Servers that answer nothing: the results are whole but for them. */
  readonly faults: readonly UserError[];
}

/** Evaluates, and writes results.json (and the prompts) into `tools.directory`. */
export async function evaluateModels(tools: EvaluationTools, task: EvaluationTask): Promise<Evaluated> {
  const tokenizer = workerTokenizer(tools, task.tokenizer.model);
  const context: BenchmarkContext = { tools, task, tokenizer, haystack: haystacks(tools, task, tokenizer) };
  const built = await allQuestions(context);
  tell(tools, built.missing);
  const asked = await ask(tools, task, built.questions, tokenizer);
  tell(tools, asked.missing);
  const looGle = await scoreLooGle(tools, task, asked);
  tell(tools, looGle.missing);
  const { perplexity, ability } = task.evaluation;
  const measured = perplexity.enabled && task.models.length > 0 ? await measurePerplexity(context) : { rows: [], missing: [] };
  tell(tools, measured.missing);
  const abilities = task.models.length > 0 ? await runAbility(tools, task) : { rows: [], missing: [] };
  const ofServers = unmeasured(task);
  tell(tools, [...abilities.missing, ...ofServers]);
  const missing = [...built.missing, ...asked.missing, ...looGle.missing, ...measured.missing, ...abilities.missing, ...ofServers];
  const results: Results = {
    version: 1,
    run: task.run,
    window: task.window,
    targetLength: task.targetLength,
    rows: [...looGle.rows, ...measured.rows],
    ...(ability.enabled ? { abilities: abilities.rows } : {}),
    ...(missing.length === 0 ? {} : { missing }),
  };
  await writeFileAtomic(join(tools.directory, evaluationFiles.results), `${JSON.stringify(results, null, 1)}\n`);
  return { results, faults: [...asked.faults, ...looGle.faults] };
}

/** The questions of every benchmark that is asked for, one benchmark after the other. */
async function allQuestions(context: BenchmarkContext): Promise<BenchmarkQuestions> {
  const { needle, ruler, longBench } = context.task.evaluation;
  const benchmarks = [
    ...(needle.enabled ? [needleQuestions] : []),
    ...(ruler.enabled ? [rulerQuestions] : []),
    ...(longBench.length > 0 ? [longBenchQuestions] : []),
  ];
  // Together, so that what they tokenize goes into the same jobs.
  const found = await Promise.all(benchmarks.map((build) => build(context)));
  return { questions: found.flatMap(({ questions }) => questions), missing: found.flatMap(({ missing }) => missing) };
}

/** What servers cannot do: they give answers, and neither likelihoods nor a model to load. */
function unmeasured({ evaluation: { perplexity, ability }, servers = [] }: EvaluationTask): Missing[] {
  return servers.flatMap(({ name }) => [
    ...(perplexity.enabled ? [lacking(name, "perplexity", "A server gives no likelihoods of a text: perplexity is not measured.")] : []),
    ...(ability.enabled ? [lacking(name, "ability", "General ability is measured of models that the worker loads.")] : []),
  ]);
}

function lacking(model: string, task: string, reason: string): Missing {
  return { model, task, length: null, count: 1, reason };
}

/** What is missing is a warning, too: who follows the run sees it at once. */
function tell(tools: EvaluationTools, missing: readonly Missing[]): void {
  for (const { model, task, count, reason } of missing) {
    const message = `${task}${model === null ? "" : `, ${model}`}: ${count} missing. ${reason}`;
    tools.emit({ kind: "log", level: "warning", message });
  }
}
