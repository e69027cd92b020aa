/** Rotary scaling: the `rope_parameters` with which a model of window W reaches T. */
import { exitCode, UserError } from "../protocol/errors.js";
import type { RopeParameters } from "../protocol/jobs.js";
import type { RopeChoice } from "../protocol/recipe.js";
import type { Inspection } from "../protocol/tables.js";

/** What rotary scaling needs to know of a model. */
export type RotaryFacts = Pick<Inspection, "model" | "window" | "headDimension" | "ropeParameters">;

/** Rotary base of models whose config names none (transformers' own default). */
const defaultTheta = 10_000;

/**
 * NTK-aware rotary base: theta * (f * T / W - (f - 1)) ^ (d / (d - 2)). With f = 10 and 16 it gives the paper's
 * 48.9 M and 131.5 M for Llama-3 (T = 80 Ki and 128 Ki), with f = 4 its 13.5 M for Qwen2.
 */
export function ntkTheta(theta: number, factor: number, target: number, window: number, dimension: number): number {
  return theta * ((factor * target) / window - (factor - 1)) ** (dimension / (dimension - 2));
}

/** Whether a model has rotary positions that can be rescaled. */
export function hasRotaryPositions(facts: RotaryFacts): facts is RotaryFacts & { headDimension: number } {
  return facts.ropeParameters !== null && facts.headDimension !== null && facts.headDimension > 2;
}

/** The model's own rotary base. */
export function rotaryBase(facts: RotaryFacts): number {
  const theta = facts.ropeParameters?.["rope_theta"];
  return typeof theta === "number" ? theta : defaultTheta;
}

/**
 * Rotary parameters for the target length, as transformers names them in `config.rope_parameters`.
 * @throws UserError when the model has no rotary positions
 */
export function ropeParameters(choice: RopeChoice, facts: RotaryFacts, targetLength: number): RopeParameters {
  if (!hasRotaryPositions(facts)) {
    throw new UserError(
      "no-rotary-positions",
      `${facts.model} has no rotary positions; LongRecipe cannot extend its window.`,
      "Choose a model with rotary position embeddings (Llama, Mistral, Qwen, Gemma, SmolLM, ...).",
      exitCode.badInput,
    );
  }
  const problem = ropeProblem(choice, facts);
  if (problem !== null) throw new UserError("rope-over-rope", `${facts.model}: ${problem}`, "Change rope.type.", exitCode.badInput);
  const { window, headDimension } = facts;
  const theta = choice.theta ?? rotaryBase(facts);
  const common = { maxPositionEmbeddings: targetLength };
  const own = ownScaling(facts);
  // What the model is scaled by already, and from which window.
  const factor = (targetLength / window) * (own.factor ?? 1);
  const original = own.originalWindow ?? window;
  switch (choice.type) {
    case "none":
      return { ...common, parameters: choice.theta === undefined ? {} : { rope_theta: theta } };
    case "ntk":
      // A scaling of the model's own stays below the new base.
      return {
        ...common,
        parameters: {
          rope_type: own.type,
          rope_theta: choice.theta ?? ntkTheta(theta, choice.ntkFactor, targetLength, window, headDimension),
        },
      };
    case "linear":
      return { ...common, parameters: { rope_type: "linear", rope_theta: theta, factor } };
    case "yarn":
      return {
        ...common,
        parameters: {
          rope_type: "yarn",
          rope_theta: theta,
          factor: targetLength / original,
          beta_fast: choice.betaFast,
          beta_slow: choice.betaSlow,
          original_max_position_embeddings: original,
        },
      };
    case "llama3":
      return {
        ...common,
        parameters: {
          rope_type: "llama3",
          rope_theta: theta,
          factor,
          // Llama 3.1's values; a model that has its own keeps them.
          ...(own.type === "llama3" ? {} : { low_freq_factor: 1, high_freq_factor: 4 }),
          original_max_position_embeddings: original,
        },
      };
  }
}

interface OwnScaling {
  readonly type: string;
  readonly factor: number | null;
  readonly originalWindow: number | null;
}

function ownScaling({ ropeParameters: own }: RotaryFacts): OwnScaling {
  const number = (key: string): number | null => {
    const value = own?.[key];
    return typeof value === "number" ? value : null;
  };
  const type = own?.["rope_type"];
  return {
    type: typeof type === "string" ? type : "default",
    factor: number("factor"),
    originalWindow: number("original_max_position_embeddings"),
  };
}

/** Why a scaling cannot be laid over the one that the model has already, or null. */
export function ropeProblem(choice: RopeChoice, facts: RotaryFacts): string | null {
  const { type } = ownScaling(facts);
  if (type === "default" || choice.type === "none" || choice.type === type) return null;
  // These keep their meaning under another base; longrope and dynamic change with the length of the input.
  const steady = ["linear", "yarn", "llama3"].includes(type);
  if (choice.type === "ntk" && steady) return null;
  const others = steady ? `ntk, ${type} or none` : "none";
  return `its rotary positions are scaled as \`${type}\` already, over which \`${choice.type}\` cannot be laid; take ${others}`;
}
