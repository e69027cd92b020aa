/** What the benchmarks of an evaluation have in common: what they get, and what they give. */
import type { Question } from "../../../evaluation/question.js";
import type { Corpus, Recipe } from "../../../protocol/recipe.js";
import type { Missing } from "../../../protocol/results.js";
import type { Inspection } from "../../../protocol/tables.js";
import type { StageContext } from "../../stage.js";
import type { ServedModel } from "./askServed.js";
import type { EvaluatedModel } from "./cache.js";
import type { TokenizedText, Tokenizer } from "./tokenizer.js";

/** The parts of a stage's context that an evaluation uses. */
export type EvaluationTools = Pick<StageContext, "directory" | "recipeDirectory" | "emit" | "runJob" | "checkpoint">;

/** The tokenizer in whose tokens lengths are meant, with what it puts around prompts. */
export interface TaskTokenizer extends Pick<Inspection, "promptPrefix" | "chatTemplate"> {
  /** Model folder or hub id. */
  readonly model: string;
}

export interface EvaluationTask {
  /** Name of the run, for the results file. */
  readonly run: string;
  /** Models by the name they have in the results. */
  readonly models: readonly EvaluatedModel[];
  /** Models behind servers: they answer prompts, nothing else. Left out: none. */
  readonly servers?: readonly ServedModel[];
  /** Folder in which the tables of models with an identity are kept. */
  readonly cache?: string;
  readonly tokenizer: TaskTokenizer;
  readonly window: number;
  readonly targetLength: number;
  readonly evaluation: Recipe["evaluation"];
  /** Text to evaluate on where the evaluation names none. */
  readonly corpus: Corpus;
  readonly seed: number;
}

export interface BenchmarkContext {
  readonly tools: EvaluationTools;
  readonly task: EvaluationTask;
  /** That of the task. */
  readonly tokenizer: Tokenizer;
  /**
   * Held-out text for haystacks, read and tokenized once for all who ask for the same corpus.
   * @param own the corpus and its key in the recipe; left out: that of the needles
   */
  haystack(own?: { readonly key: string; readonly corpus: Corpus }): Promise<readonly TokenizedText[]>;
}

/** What a benchmark asks, and what of it cannot be asked of any model. */
export interface BenchmarkQuestions {
  readonly questions: Question[];
  readonly missing: Missing[];
}
