/** Asks a server every question: several at a time, each answer kept at once, each failure told, and an end when nothing works. */
import pMap from "p-map";
import { exitCode, UserError } from "../../protocol/errors.js";
import type { ServerSpec } from "../../protocol/recipe/models.js";
import { hashOf } from "../cacheKey.js";
import { AnswerLog } from "./answerLog.js";
import { addressOf, serverClient, type ServerClient } from "./client.js";
import { bodyOf } from "./dialect.js";
import { redacted } from "./key.js";
import { nameOf, untilStop, type ServerAnswers, type ServerQuestion } from "./question.js";
import { reasonOf, type Cause, type Reason } from "./reason.js";

export interface AskServerOptions {
  /** The model's name in the results. */
  readonly model: string;
  /** JSON Lines file of the answers, absolute: what stands in it is not asked again. */
  readonly answers: string;
  /** The key itself; undefined: none is sent. */
  readonly key: string | undefined;
  /** Throws when the asking is to end; looked at four times a second. */
  readonly checkpoint: () => void;
  readonly onProgress?: (done: number, total: number) => void;
  /** Something about the whole that people should know. */
  readonly onNotice?: (message: string) => void;
  /** A question has no answer, for a reason that may pass. */
  readonly onOpen?: () => void;
  /** Wait before the first further try, in milliseconds. */
  readonly backoffMs?: number;
}

const checkpointMs = 250;
/** Failures in a row, with one cause and no answer between, after which the rest is not asked. */
const patience: Readonly<Record<Cause, number>> = {
  key: 3,
  "not-found": 3,
  unreachable: 3,
  busy: 10,
  broken: 10,
  slow: 10,
  rubbish: 10,
  rejected: 10,
  // Of each prompt by itself.
  "too-long": Number.POSITIVE_INFINITY,
};

/** What is not tried again at once, and may be well another time. */
const mayPass: ReadonlySet<Cause> = new Set(["key", "not-found", "slow", "busy"]);

/**
 * @throws UserError when request after request fails for one cause: once, for all of them
 * @throws whatever `checkpoint` throws; answers that came are kept
 */
export async function askServer(
  server: ServerSpec,
  questions: readonly ServerQuestion[],
  options: AskServerOptions,
): Promise<ServerAnswers> {
  const { model, key, onNotice = () => undefined } = options;
  const log = await AnswerLog.open(options.answers);
  const ended = new AbortController();
  const watch = setInterval(() => endWhere(options.checkpoint, ended), checkpointMs);
  let client: ServerClient | null = null;
  try {
    options.checkpoint();
    client = serverClient(server, {
      key,
      backoffMs: options.backoffMs ?? 500,
      tell: (notice) => onNotice(`${model}: ${notice}`),
    });
    const asking = new Asking(server, questions.length, options, client, log, ended);
    await pMap(questions, (question) => asking.one(question), { concurrency: server.concurrency, signal: ended.signal });
    return asking.found;
  } catch (error) {
    // Whatever was under way when it ended fails in its own words; the reason is the first.
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    clearInterval(watch);
    ended.abort();
    await client?.close();
    await log.close();
  }
}

function endWhere(checkpoint: () => void, ended: AbortController): void {
  try {
    checkpoint();
  } catch (error) {
    ended.abort(error);
  }
}

class Asking {
  readonly found: ServerAnswers = { answers: new Map(), failed: new Map() };
  /** Failures of one cause since the last answer. */
  private streak: { readonly cause: Cause; count: number } | null = null;
  private done = 0;

  constructor(
    private readonly server: ServerSpec,
    private readonly total: number,
    private readonly options: AskServerOptions,
    private readonly client: ServerClient,
    private readonly log: AnswerLog,
    private readonly ended: AbortController,
  ) {}

  async one(question: ServerQuestion): Promise<void> {
    if (this.ended.signal.aborted) return;
    const hash = hashOf({ url: addressOf(this.server), api: this.server.api, body: bodyOf(this.server, question), stop: question.stop });
    const answer = this.log.get(hash) ?? (await this.ask(question, hash));
    if (answer !== null) this.found.answers.set(question.prompt, answer);
    this.done++;
    this.options.onProgress?.(this.done, this.total);
  }

  private async ask(question: ServerQuestion, hash: string): Promise<string | null> {
    const { window } = this.server;
    const needed = (question.tokens ?? question.length) + question.maxNewTokens;
    if (window !== undefined && needed > window) {
      const text = `the prompt with its answer takes ${needed.toLocaleString("en-US")} tokens, and the server's window has ${window.toLocaleString("en-US")}`;
      this.fail(question, { cause: "too-long", text, passing: false });
      return null;
    }
    let answer: string;
    try {
      answer = untilStop(await this.client.ask(question, this.ended.signal), question.stop);
    } catch (error) {
      this.ended.signal.throwIfAborted();
      this.fail(question, reasonOf(error, this.server.timeoutSeconds));
      return null;
    }
    this.streak = null;
    await this.log.keep(hash, answer);
    return answer;
  }

  private fail(question: ServerQuestion, { cause, text, passing }: Reason): void {
    if (passing || mayPass.has(cause)) this.options.onOpen?.();
    const tries = passing && this.server.retries > 0 ? ` (tried ${String(this.server.retries + 1)} times)` : "";
    const reason = redacted(`${nameOf(question)}: ${text}${tries}.`, this.options.key);
    this.found.failed.set(question.prompt, reason);
    if (this.streak?.cause === cause) this.streak.count++;
    else this.streak = { cause, count: 1 };
    if (this.streak.count >= Math.min(patience[cause], this.total)) this.ended.abort(this.giveUp(cause, reason));
  }

  private giveUp(cause: Cause, reason: string): UserError {
    const { model } = this.options;
    const known = this.found.answers.size;
    const before = known === 0 ? "" : ` ${known.toLocaleString("en-US")} answers are kept, and are not asked again.`;
    return new UserError(
      `server-${cause}`,
      `The server of ${model} at ${addressOf(this.server)} answers ${known === 0 ? "nothing" : "no longer"}. ${reason}${before}`,
      remedyOf(cause, this.server),
      exitCode.badInput,
    );
  }
}

function remedyOf(cause: Cause, { model, key, timeoutSeconds }: ServerSpec): string {
  switch (cause) {
    case "key":
      return key === undefined
        ? "Name a `key` for the server in the recipe, and set it with LongRecipe: Set Server Key or in the environment."
        : `Set the key ${key} anew, with LongRecipe: Set Server Key or in the environment.`;
    case "not-found":
      return `Look at what the server calls its models (its address /models lists them): it was asked for ${model}. The address ends with /v1 for most servers.`;
    case "unreachable":
      return "Start the server, or correct its `url` in the recipe; then evaluate again.";
    case "slow":
      return `Give it more time than ${String(timeoutSeconds)} s (timeoutSeconds) or fewer requests at once (concurrency), then evaluate again.`;
    case "busy":
      return "Ask fewer at once (concurrency) or try oftener (retries); then evaluate again.";
    case "too-long":
    case "broken":
    case "rubbish":
    case "rejected":
      return "See what the server's own log says; then evaluate again.";
  }
}
