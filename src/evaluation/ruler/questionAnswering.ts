/** Question answering of RULER: a question's own documents among others of the data set. */
import { filled, LazyDraft, pythonList, type Draft, type Generator } from "./draft.js";
import { PythonRandom, type Randomness } from "./pythonRandom.js";

export const answeringTemplate =
  "Answer the question based on the given documents. Only give me the answer and do not output any other words.\n\nThe following are given documents.\n\n{context}\n\nAnswer the question based on the given documents. Only give me the answer and do not output any other words.\n\nQuestion: {query}";
export const answeringPrefix = " Answer:";

/** Documents that are worth counting one by one; of more, a prompt uses few. */
const countedDocuments = 5_000;

export interface AnsweringQuestion {
  readonly query: string;
  readonly outputs: readonly string[];
  /** Documents that answer it. */
  readonly context: readonly number[];
  /** Documents of the same article, which are taken before any others. */
  readonly more: readonly number[];
}

/** A data set in the form that the task uses: documents sorted, each once. */
export interface AnsweringData {
  readonly documents: readonly string[];
  readonly questions: readonly AnsweringQuestion[];
}

export function answeringGenerator({ documents, questions }: AnsweringData, seed: number): Generator {
  return {
    answerTokens: 32,
    steps: [10, 1],
    first: (step) => step,
    least: 1,
    overhead: 0,
    ...(documents.length <= countedDocuments ? { parts: documents } : {}),
    trials: questions.length,
    tail: ({ references }) => ` ${pythonList(references)}`,
    draw: (random, size, trial): Draft => {
      const question = questions[trial];
      if (question === undefined) throw new RangeError(`there is no question ${trial}`);
      const found = chosen(question, documents.length, Math.max(size, question.context.length), random);
      const shown = PythonRandom.seeded(seed).shuffle(found);
      const context = (): string => shown.map((document, at) => `Document ${at + 1}:\n${documents[document] ?? ""}`).join("\n\n");
      return new LazyDraft(
        () => filled(answeringTemplate, { context: context(), query: question.query }),
        answeringPrefix,
        question.outputs,
        shown.map((document) => [documents[document] ?? "", 1] as const),
      );
    },
  };
}

/** The documents of a prompt, before they are shuffled. More than there are: all of them, again and again. */
function chosen({ context, more }: AnsweringQuestion, documents: number, size: number, { python }: Randomness): number[] {
  if (size >= documents) return Array.from({ length: size }, (_, at) => at % documents);
  const wanted = size - context.length;
  if (wanted <= more.length) return [...context, ...python.sample(more.length, wanted).map((at) => more[at] ?? 0)];
  const taken = new Set([...context, ...more]);
  const others: number[] = [];
  for (let document = 0; document < documents; document++) if (!taken.has(document)) others.push(document);
  return [...context, ...more, ...python.sample(others.length, Math.max(0, wanted - more.length)).map((at) => others[at] ?? 0)];
}
