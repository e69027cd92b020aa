/** Prompts answered by a model behind a server. */
import type { Question } from "../../../evaluation/question.js";
import type { UserError } from "../../../protocol/errors.js";
import type { ServerSpec } from "../../../protocol/recipe/models.js";
import { isServerFault } from "../../faults.js";
import { askKept } from "./askKept.js";
import type { ModelAnswers } from "./askedRows.js";
import type { EvaluationTools } from "./benchmark.js";
import type { Prompt } from "./prompts.js";

/** A model behind a server, by the name it has in the results. */
export interface ServedModel {
  readonly name: string;
  readonly server: ServerSpec;
}

/** Further tokens for a chat's answer: what begins it cannot be given, so the model says it again, in its own words. */
const chatTokens = 64;

/**
 * Asks what is not answered yet. Answers are kept one by one, across rounds and starts.
 * @returns the fault of a server that answers nothing any more; null where it works
 */
export async function askServed(
  tools: EvaluationTools,
  { name, server }: ServedModel,
  prompts: readonly Prompt[],
  model: ModelAnswers,
): Promise<UserError | null> {
  const byNumber = new Map(prompts.map((prompt) => [prompt.prompt, prompt]));
  const chat = server.api === "chat";
  try {
    const questions = prompts.map(({ prompt, question: { task, length, text, prompting, answerPrefix, maxNewTokens, stop }, ids }) => ({
      prompt,
      task,
      length,
      text,
      // Without a template in between, the beginning of the answer is a line of its own.
      answerPrefix: prompting === "chat" && answerPrefix !== undefined ? `\n${answerPrefix.trimStart()}` : answerPrefix,
      tokens: ids.length,
      maxNewTokens: maxNewTokens + (chat ? chatTokens : 0),
      stop,
    }));
    const { answers, failed } = await askKept(tools, server, questions, { name, file: `server-${name}.jsonl`, unit: "prompts" });
    for (const [prompt, answer] of answers) model.answers.set(prompt, withoutEcho(answer, byNumber.get(prompt)?.question));
    for (const [prompt, reason] of failed) model.failed.set(prompt, reason);
    return null;
  } catch (error) {
    if (!isServerFault(error)) throw error;
    return error;
  }
}

/** An answer without the beginning that the prompt gave, where the model says it again (whatever its capitals and stars). */
function withoutEcho(answer: string, question: Question | undefined): string {
  // A base prompt ends with the beginning of the answer, after whatever it asks.
  const asked = question?.answerPrefix ?? question?.parts?.question ?? "";
  const beginning = asked.slice(asked.lastIndexOf("?") + 1).trim();
  if (beginning === "") return answer;
  const plain = answer.replaceAll("*", "").trimStart();
  const said = plain.slice(0, beginning.length).toLowerCase() === beginning.toLowerCase();
  return said ? plain.slice(beginning.length).replace(/^\s*:/u, "") : answer;
}
