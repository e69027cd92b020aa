/** A model as judge of LooGLE's answers (bigai-nlco/LooGLE, Evaluation/llm_score.py): what it is asked, and what its verdict is. */

export interface JudgePrompt {
  readonly system?: string;
  readonly text: string;
}

export interface Judged {
  /** Task in the results. */
  readonly task: string;
  /** The question without the document; empty for a summary. */
  readonly question: string;
  readonly reference: string;
  readonly answer: string;
}

/** The published words, their slips included. */
const sameMeaning =
  "Given one question, there is a groundtruth and a predict_answer. Please decide whether they are the same or not in semantic. Please only output 'True' or 'False' .";
const summaryScore =
  "There is a groundtruth summary of a arxiv paper and a auto-generated summary .Please Compare generated summary with the goundtruth and evaluate the generated summary from the perspectives of information completeness, consistency, fluency, and grammar by giving a score within the range of 0 to 100.";

/** Questions are judged right or wrong, summaries from 0 to 100. A summary's prompt is a user's message: many servers want one. */
export function judgePrompt({ task, question, reference, answer }: Judged): JudgePrompt {
  if (isSummary(task)) return { text: `${summaryScore} \nGroundtruth = ${reference} \nGenerated = ${answer} \nScore = ` };
  return { system: sameMeaning, text: `Question: ${question}\ngroudtruth = ${reference}\npredict_answer = ${answer}` };
}

/** @returns 0 to 1; null where the reply is no verdict */
export function verdictOf(task: string, reply: string): number | null {
  if (isSummary(task)) {
    const points = /^\W*(?:score\W+)?(\d{1,3})(?:\s*\/\s*100)?\W*$/iu.exec(reply)?.[1];
    return points === undefined || Number(points) > 100 ? null : Number(points) / 100;
  }
  const words = reply.toLowerCase().match(/\b(?:true|false)\b/gu) ?? [];
  const [first] = words;
  // One that says both has not decided; one that talks about it first has not kept to the form.
  if (first === undefined || new Set(words).size > 1 || !/^\W*(?:true|false)\b/iu.test(reply)) return null;
  return first === "true" ? 1 : 0;
}

/** The name under which results say what of a task was not judged. */
export function judgeTask(task: string): string {
  return `judge (${task})`;
}

function isSummary(task: string): boolean {
  return task.endsWith("summarization");
}
