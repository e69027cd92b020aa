/** A RULER task at one length: the search for the size, then the prompts. */
import type { RulerTask } from "../../protocol/recipe/ruler.js";
import { commonWordsGenerator } from "./commonWords.js";
import type { Counting } from "./counting.js";
import type { Generator } from "./draft.js";
import type { Essays } from "./essays.js";
import { frequentWordsGenerator } from "./frequentWords.js";
import { niahGenerator, type NiahSettings } from "./niah.js";
import { Randomness } from "./pythonRandom.js";
import { answeringGenerator, type AnsweringData } from "./questionAnswering.js";
import { drawSamples, type Sample } from "./samples.js";
import { findSize } from "./size.js";
import { exampleGenerator, exampleText, exampleTokens, trackingGenerator } from "./variableTracking.js";

/** What the tasks are made of. */
export interface RulerSources {
  readonly essays?: Essays;
  readonly squad?: AnsweringData;
  readonly hotpot?: AnsweringData;
}

export interface RulerOptions {
  readonly task: RulerTask;
  /** Tokens of prompt and answer. */
  readonly length: number;
  readonly samples: number;
  /** The published seed is 42. */
  readonly seed: number;
  /** Tokens that a model puts before the prompt, or its chat template around it. */
  readonly reserved: number;
}

/** Prompts that were built; none where the length is too short for the task. */
export interface RulerTaskSamples {
  readonly samples: readonly Sample[];
  readonly answerTokens: number;
}

const niah = (settings: Partial<NiahSettings>): NiahSettings => ({
  haystack: "essay",
  keyKind: "words",
  valueKind: "numbers",
  keys: 1,
  values: 1,
  queries: 1,
  ...settings,
});

export const niahTasks: Readonly<Partial<Record<RulerTask, NiahSettings>>> = {
  niah_single_1: niah({ haystack: "repeat" }),
  niah_single_2: niah({}),
  niah_single_3: niah({ valueKind: "uuids" }),
  niah_multikey_1: niah({ keys: 4 }),
  niah_multikey_2: niah({ haystack: "needle" }),
  niah_multikey_3: niah({ haystack: "needle", keyKind: "uuids", valueKind: "uuids" }),
  niah_multivalue: niah({ values: 4 }),
  niah_multiquery: niah({ queries: 4 }),
};

export function* buildRulerTask(options: RulerOptions, sources: RulerSources): Counting<RulerTaskSamples> {
  const { task, length, seed } = options;
  const start = Randomness.seeded(seed);
  const settings = niahTasks[task];
  if (settings !== undefined) return yield* build(niahGenerator(settings, length, seed, sources.essays), start, options);
  if (task === "vt") return yield* buildTracking(start, options);
  if (task === "cwe") return yield* buildCommonWords(options);
  if (task === "fwe") return yield* build(frequentWordsGenerator(length, seed), start, options);
  const data = task === "qa_1" ? sources.squad : sources.hotpot;
  if (data === undefined) throw new Error(`${task} needs its data set`);
  return yield* build(answeringGenerator(data, seed), start, options);
}

/** The published step first; finer ones where nothing fits. */
function* build(generator: Generator, start: Randomness, options: RulerOptions): Counting<RulerTaskSamples> {
  const { length, reserved, samples: count } = options;
  const { answerTokens } = generator;
  for (const step of generator.steps) {
    const found = yield* findSize(generator, start.clone(), length - reserved, step);
    if (found === undefined || found.size < generator.least) continue;
    const { samples } = yield* drawSamples(generator, found, { length, reserved, count });
    if (samples.length > 0) return { samples, answerTokens };
  }
  return { samples: [], answerTokens };
}

/** The worked example has 500 tokens, as published; half of the length where that leaves no room. */
function* buildTracking(start: Randomness, options: RulerOptions): Counting<RulerTaskSamples> {
  const generator = exampleGenerator();
  for (const length of [exampleTokens, Math.floor(options.length / 2)]) {
    for (const step of generator.steps) {
      const found = yield* findSize(generator, start.clone(), length, step);
      if (found === undefined) continue;
      const { samples, random } = yield* drawSamples(generator, found, { length, reserved: 0, count: 1 });
      const [example] = samples;
      if (example === undefined) continue;
      const text = exampleText(example);
      const [tokens = 0] = yield [text];
      const built = yield* build(trackingGenerator({ text, tokens }), random, options);
      if (built.samples.length > 0) return built;
    }
  }
  return { samples: [], answerTokens: generator.answerTokens };
}

/** Frequencies are doubled until all words there are fill half of the length. */
function* buildCommonWords(options: RulerOptions): Counting<RulerTaskSamples> {
  const { length, reserved, seed, samples: count } = options;
  for (let times = 1; ; times *= 2) {
    const generator = commonWordsGenerator(length, seed, times);
    const { answerTokens, steps, most } = generator;
    const found = yield* findSize(generator, Randomness.seeded(seed), length - reserved, steps[0] ?? 1);
    if (found === undefined || found.size < generator.least) return { samples: [], answerTokens };
    if (length >= 4096 && found.size === most && found.measure.tokens < length / 2) continue;
    const { samples } = yield* drawSamples(generator, found, { length, reserved, count });
    return { samples, answerTokens };
  }
}
