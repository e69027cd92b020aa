/** The two data sets of the question answering tasks, from their published files. */
import * as z from "zod";
import type { AnsweringData, AnsweringQuestion } from "./questionAnswering.js";

const squadSchema = z.object({
  data: z.array(
    z.object({
      paragraphs: z.array(
        z.object({
          context: z.string(),
          qas: z.array(
            z.object({
              question: z.string(),
              // SQuAD v1.1 has no questions without an answer, and does not say so of each.
              is_impossible: z.boolean().default(false),
              answers: z.array(z.object({ text: z.string() })),
            }),
          ),
        }),
      ),
    }),
  ),
});

const hotpotSchema = z.array(
  z.object({ question: z.string(), answer: z.string(), context: z.array(z.tuple([z.string(), z.array(z.string())])) }),
);

/** SQuAD v2 (`dev-v2.0.json`), which RULER asks, or v1.1 (`dev-v1.1.json`): questions that can be answered. @throws ZodError on another format */
export function squadData(json: unknown): AnsweringData {
  const { data } = squadSchema.parse(json);
  const { documents, place } = sortedDocuments(data.flatMap(({ paragraphs }) => paragraphs.map(({ context }) => context)));
  const questions = data.flatMap(({ paragraphs }): AnsweringQuestion[] => {
    const article = paragraphs.map(({ context }) => place(context));
    return paragraphs.flatMap(({ context, qas }) =>
      qas
        .filter(({ is_impossible: impossible }) => !impossible)
        .map(({ question, answers }) => ({
          query: question,
          outputs: answers.map(({ text }) => text),
          context: [place(context)],
          more: article.filter((document) => document !== place(context)),
        })),
    );
  });
  return { documents, questions };
}

/** HotpotQA (`hotpot_dev_distractor_v1.json`). @throws ZodError on another format */
export function hotpotData(json: unknown): AnsweringData {
  const data = hotpotSchema.parse(json);
  const document = ([title, sentences]: readonly [string, readonly string[]]): string => `${title}\n${sentences.join("")}`;
  const { documents, place } = sortedDocuments(data.flatMap(({ context }) => context.map(document)));
  const questions = data.map(({ question, answer, context }) => ({
    query: question,
    outputs: [answer],
    context: context.map((one) => place(document(one))),
    more: [],
  }));
  return { documents, questions };
}

function sortedDocuments(texts: readonly string[]): { documents: string[]; place: (text: string) => number } {
  const documents = [...new Set(texts)].sort(byCodePoints);
  const places = new Map(documents.map((text, at) => [text, at]));
  return { documents, place: (text) => places.get(text) ?? 0 };
}

/** Python's order of strings. UTF-16 has it too, but for what stands beyond U+D7FF. */
function byCodePoints(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length);
  for (let at = 0; at < shorter; at++) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (left !== right) return left >= 0xd800 && right >= 0xd800 ? rank(left) - rank(right) : left - right;
  }
  return one.length - other.length;
}

/** Halves of surrogate pairs come after all else. */
function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
