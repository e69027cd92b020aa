/** A server's reply, which may be anything, to an answer. */
import * as z from "zod";
import { brief, Rubbish } from "./reason.js";

const text = z.string().nullish();
const choice = z.object({
  text,
  message: z.object({ content: text, refusal: text }).nullish(),
  finish_reason: z.string().nullish(),
});
const replySchema = z.object({ choices: z.array(choice) });
const errorSchema = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

/**
 * The first choice's text. An empty one counts only where the server says that the model ended there by itself.
 * @throws Rubbish
 */
export function answerIn(reply: unknown): string {
  const value = typeof reply === "string" ? parsed(reply) : reply;
  const failed = errorSchema.safeParse(value);
  if (failed.success) {
    const { error } = failed.data;
    throw new Rubbish(`the server answered with an error (${brief(typeof error === "string" ? error : error.message)})`, true);
  }
  const { data } = replySchema.safeParse(value);
  if (data === undefined) throw new Rubbish(`the server's answer is not of the expected form (${sample(value)})`, true);
  const [first] = data.choices;
  if (first === undefined) throw new Rubbish("the server's answer has no choices", true);
  const answer = first.message == null ? first.text : (first.message.content ?? first.message.refusal);
  if (first.finish_reason === "content_filter") throw new Rubbish("the server's content filter withheld the answer", false);
  if (answer == null) throw new Rubbish("the server's answer has no text", true);
  if (answer === "" && first.finish_reason === "length") {
    throw new Rubbish("the answer is empty: the model spent all its tokens before it (on reasoning, perhaps)", false);
  }
  if (answer === "" && first.finish_reason !== "stop") throw new Rubbish("the server's answer is empty", true);
  return answer;
}

function parsed(reply: string): unknown {
  try {
    return JSON.parse(reply);
  } catch {
    const kind = /^\s*<(!doctype|html)/iu.test(reply) ? "a web page instead of JSON" : "not JSON";
    throw new Rubbish(`the server's answer is ${kind} (${brief(reply)})`, true);
  }
}

function sample(value: unknown): string {
  return value === undefined ? "nothing" : brief(JSON.stringify(value));
}
