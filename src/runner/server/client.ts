/** One request to an OpenAI-compatible server, with further tries where a fault may pass. */
import OpenAI from "openai";
import pRetry from "p-retry";
import { setTimeout as sleep } from "node:timers/promises";
import { EnvHttpProxyAgent, fetch as undiciFetch } from "undici";
import { exitCode, UserError } from "../../protocol/errors.js";
import type { ServerSpec } from "../../protocol/recipe/models.js";
import { bodyOf, Dialect, type Body } from "./dialect.js";
import type { ServerQuestion } from "./question.js";
import { answeredError, innermostCode, reasonOf, TooSlow } from "./reason.js";
import { answerIn } from "./reply.js";

/** No answer of a few hundred tokens is longer than this, in bytes. */
const longestReply = 64 * 1024 * 1024;
const longestWaitMs = 30_000;
const connectSeconds = 30;

export interface ServerClient {
  /** @throws what `reasonOf` tells in words; the signal's reason when it was aborted */
  ask(question: ServerQuestion, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly key: string | undefined;
  /** Wait before the first further try, in milliseconds; it doubles. */
  readonly backoffMs: number;
  readonly tell: (notice: string) => void;
}

/** @throws UserError for an address that holds a name or password */
export function serverClient(server: ServerSpec, { key, backoffMs, tell }: ClientOptions): ServerClient {
  // Node's own fetch gives up after 300 s without a first byte, and knows no proxies.
  const agent = new EnvHttpProxyAgent({
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: longestReply,
    connectTimeout: 1000 * connectSeconds,
  });
  const client = openAi(server, key, agent);
  const dialect = new Dialect();
  const send = async (body: Body, signal: AbortSignal): Promise<unknown> => {
    const path = server.api === "chat" ? "/chat/completions" : "/completions";
    const reply: unknown = await client.post(path, { body, signal });
    return reply;
  };
  const inOtherWords = async (body: Body, signal: AbortSignal): Promise<unknown> => {
    for (;;) {
      const spoken = dialect.spoken(body);
      try {
        return await send(spoken, signal);
      } catch (error) {
        if (!dialect.learn(answeredError(error), tell) || sameWords(spoken, dialect.spoken(body))) throw error;
      }
    }
  };
  const once = async (question: ServerQuestion, signal: AbortSignal): Promise<string> => {
    const time = AbortSignal.timeout(1000 * server.timeoutSeconds);
    try {
      return answerIn(await inOtherWords(bodyOf(server, question), AbortSignal.any([signal, time])));
    } catch (error) {
      signal.throwIfAborted();
      throw time.aborted ? new TooSlow() : error;
    }
  };
  return {
    ask: (question, signal) =>
      pRetry(() => once(question, signal), {
        retries: server.retries,
        minTimeout: backoffMs,
        maxTimeout: longestWaitMs,
        randomize: true,
        signal,
        shouldRetry: ({ error }) => reasonOf(error, server.timeoutSeconds).passing,
        onFailedAttempt: async ({ error, retriesLeft }) => {
          const { passing, waitMs = 0 } = reasonOf(error, server.timeoutSeconds);
          if (passing && retriesLeft > 0) await sleep(waitMs, undefined, { signal });
        },
      }),
    close: () => agent.destroy(),
  };
}

function openAi(server: ServerSpec, key: string | undefined, agent: EnvHttpProxyAgent): OpenAI {
  const { username, password } = new URL(server.url);
  if (username !== "" || password !== "") {
    throw new UserError(
      "server-address",
      `The address of the server ${addressOf(server)} holds a name or a password.`,
      "Take them out of the recipe, and give the server a `key`.",
      exitCode.badInput,
    );
  }
  return new OpenAI({
    baseURL: server.url.replace(/\/+$/u, ""),
    // Whatever this machine's environment says of OpenAI is not for this server.
    apiKey: key ?? "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    ...(key === undefined ? { defaultHeaders: { Authorization: null } } : {}),
    logLevel: "off",
    maxRetries: 0,
    // Ours ends it earlier; the library's would be 600 s.
    timeout: 1000 * server.timeoutSeconds + 60_000,
    fetch: (input, init) => fetchThrough(agent, input, init),
  });
}

/** undici's fetch has types of its own, which are not those of Node's for the same things. */
async function fetchThrough(agent: EnvHttpProxyAgent, input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const { method, headers, body, signal } = init ?? {};
  const response = await undiciFetch(typeof input === "string" || input instanceof URL ? input : input.url, {
    dispatcher: agent,
    ...(method === undefined ? {} : { method }),
    headers: Object.fromEntries(new Headers(headers)),
    ...(typeof body === "string" ? { body } : {}),
    signal: signal ?? null,
  }).catch((error: unknown) => {
    // The library would take this for a slow answer, by its words.
    throw innermostCode(error) === "UND_ERR_CONNECT_TIMEOUT" ? new Error(`no connection within ${String(connectSeconds)} s`) : error;
  });
  // Nobody streams: the body is taken here, where the type is undici's.
  const bytes = await response.arrayBuffer();
  const empty = response.status === 204 || response.status === 304;
  return new Response(empty ? null : bytes, { status: response.status, headers: Object.fromEntries(response.headers) });
}

/** A server's address as messages show it: without anything secret. */
export function addressOf({ url }: Pick<ServerSpec, "url">): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replace(/\/+$/u, "");
}

function sameWords(a: Body, b: Body): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
