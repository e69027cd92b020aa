/** The sentences of each kind of needle: what is hidden, and how it is asked for. */
import type { NeedleKind, NeedleSettings } from "../protocol/recipe.js";

/** Values that the kind `multi` hides of the key that is asked for: as many as RULER's multi-value task. */
export const valuesOfMulti = 4;

export interface Wording {
  /** Stands before the haystack. */
  readonly intro: string;
  fact(key: string, value: string): string;
  /** The end of a prompt that a base model goes on from. */
  continuation(key: string): string;
  /** The same as a question to a chat model. */
  question(key: string): string;
  /** How the chat model's answer begins. */
  answerPrefix(key: string): string;
}

/**
 * @param several whether more than one needle of the kind is asked for in a haystack: then the pass key, which is
 * nobody's in Landmark Attention, needs a name
 */
export function kindTexts(kind: NeedleKind, settings: Pick<NeedleSettings, "needle" | "question">, several: boolean): Wording {
  switch (kind) {
    case "sentence":
    case "uuid":
      return sentence(settings);
    case "passkey":
      return passkey(several);
    case "multi":
      return multi;
  }
}

function sentence(settings: Pick<NeedleSettings, "needle" | "question">): Wording {
  const continuation = (key: string): string => fill(settings.question, key, "");
  return {
    intro: "",
    fact: (key, value) => fill(settings.needle, key, value),
    continuation,
    question: (key) => asQuestion(continuation(key)),
    answerPrefix: (key) => continuation(key).trim(),
  };
}

/** `The ... is` as a question. Other sentences, and other languages, are put as they are, to be completed. */
function asQuestion(continuation: string): string {
  const statement = continuation.trim();
  const found = /^The (.+) (is|are)$/u.exec(statement);
  return found === null
    ? `Complete this sentence by what the text says: ${statement} ...`
    : `What ${found[2] ?? ""} the ${found[1] ?? ""}, according to the text?`;
}

function passkey(several: boolean): Wording {
  const name = (key: string): string => (several ? `pass key of ${key}` : "pass key");
  const question = (key: string): string => `What is the ${name(key)}?`;
  const answerPrefix = (key: string): string => `The ${name(key)} is`;
  return {
    intro:
      "There is an important info hidden inside a lot of irrelevant text. Find it and memorize it. I will quiz you about the important information there.\n",
    fact: (key, value) => `The ${name(key)} is ${value}. Remember it. ${value} is the ${name(key)}.`,
    continuation: (key) => `${question(key)} ${answerPrefix(key)}`,
    question,
    answerPrefix,
  };
}

const multi: Wording = {
  intro: "",
  fact: (key, value) => `One of the access codes of ${key} is ${value}.`,
  continuation: (key) => `The ${valuesOfMulti} access codes of ${key} are`,
  question: (key) => `Which are the ${valuesOfMulti} access codes of ${key} in the text?`,
  answerPrefix: (key) => `The ${valuesOfMulti} access codes of ${key} are`,
};

function fill(template: string, key: string, value: string): string {
  return template.replaceAll("{key}", () => key).replaceAll("{value}", () => value);
}
