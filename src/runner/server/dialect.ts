/**
 * One request in the words that a server understands. Local servers take everything; OpenAI's newer models refuse
 * `max_tokens`, a temperature, a seed or stop strings, and say so in the error's `param`.
 */
import type { ServerSpec } from "../../protocol/recipe/models.js";
import type { AnsweredError } from "./reason.js";
import { promptText, type ServerQuestion } from "./question.js";

/** Servers of OpenAI's take no more stop strings than this; the rest is cut off here (`untilStop`). */
const mostStops = 4;

export interface Body {
  readonly model: string;
  readonly prompt?: string;
  readonly messages?: { readonly role: "system" | "user"; readonly content: string }[];
  readonly temperature?: number;
  readonly top_p?: number;
  readonly seed?: number;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly stop?: string[];
  readonly stream: false;
}

/** Parameters that a request can do without, or by another name. */
const optional = ["temperature", "top_p", "seed", "stop", "max_tokens"] as const;
type Optional = (typeof optional)[number];

/** Greedy, and the same each time where the server keeps its word. */
export function bodyOf(server: Pick<ServerSpec, "model" | "api">, question: ServerQuestion): Body {
  const text = promptText(question);
  const stop = question.stop.filter((one) => one !== "").slice(0, mostStops);
  return {
    model: server.model,
    ...(server.api === "chat" ? { messages: messagesOf(question, text) } : { prompt: joined(question, text) }),
    temperature: 0,
    top_p: 1,
    seed: 0,
    max_tokens: question.maxNewTokens,
    ...(stop.length === 0 ? {} : { stop }),
    stream: false,
  };
}

function messagesOf({ system }: ServerQuestion, text: string): NonNullable<Body["messages"]> {
  return [...(system === undefined ? [] : [{ role: "system" as const, content: system }]), { role: "user", content: text }];
}

function joined({ system }: ServerQuestion, text: string): string {
  return system === undefined ? text : `${system}\n${text}`;
}

/** What a server was found not to understand, learned once for all requests. */
export class Dialect {
  private readonly refused = new Set<Optional>();

  /** The body without what is refused; a limit on tokens goes by its newer name. */
  spoken(body: Body): Body {
    const { temperature, top_p, seed, stop, max_tokens: limit, ...rest } = body;
    const takes = (name: Optional): boolean => !this.refused.has(name);
    return {
      ...rest,
      ...(takes("temperature") && temperature !== undefined ? { temperature } : {}),
      ...(takes("top_p") && top_p !== undefined ? { top_p } : {}),
      ...(takes("seed") && seed !== undefined ? { seed } : {}),
      ...(takes("stop") && stop !== undefined ? { stop } : {}),
      ...(limit === undefined ? {} : takes("max_tokens") ? { max_tokens: limit } : { max_completion_tokens: limit }),
    };
  }

  /**
   * Whether the request is worth another try in other words.
   * @param tell hears what the results then are not
   */
  learn(error: AnsweredError | null, tell: (notice: string) => void): boolean {
    if (error === null || (error.status !== 400 && error.status !== 422)) return false;
    const { param, message } = error;
    const name = optional.find((one) => param === one || (param === null && refuses(message, one)));
    if (name === undefined) return false;
    // Another request may have found it out in the meantime: then this one was worded before that.
    if (!this.refused.has(name)) {
      this.refused.add(name);
      if (name === "temperature")
        tell("The server takes no temperature: its answers are not greedy, and differ from one time to the next.");
    }
    return true;
  }
}

/** An error without `param` that calls a parameter unsupported. */
function refuses(message: string, name: Optional): boolean {
  return new RegExp(`(unsupported|not supported|does not support|unknown|unrecognized|extra)[^.]*\\b${name}\\b`, "iu").test(message);
}
