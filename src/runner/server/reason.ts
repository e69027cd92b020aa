/** Why a request failed: in words, whether it may pass, and whether it is the server's fault as a whole. */
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { messageOf } from "../../protocol/errors.js";

export type Cause =
  /** Wrong or missing key. */
  | "key"
  /** No such model or address. */
  | "not-found"
  /** Nothing listens there, no such host, a broken certificate. */
  | "unreachable"
  | "busy"
  | "broken"
  | "slow"
  /** An answer that is none. */
  | "rubbish"
  | "too-long"
  | "rejected";

export interface Reason {
  readonly cause: Cause;
  /** A sentence's end: `the server ...`. May quote the server. */
  readonly text: string;
  /** Whether another try may go better. */
  readonly passing: boolean;
  /** How long the server asks to wait, in milliseconds. */
  readonly waitMs?: number;
}

/** Thrown for an answer that is none. */
export class Rubbish extends Error {
  constructor(
    message: string,
    /** Whether the next answer to the same may be one. */
    readonly passing: boolean,
  ) {
    super(message);
    this.name = "Rubbish";
  }
}

/** Thrown when the time of a request is over. */
export class TooSlow extends Error {}

/** @param timeoutSeconds what a request was given */
export function reasonOf(error: unknown, timeoutSeconds: number): Reason {
  if (error instanceof Rubbish) return { cause: "rubbish", text: error.message, passing: error.passing };
  if (error instanceof TooSlow || error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError) {
    // Trying again would take as long.
    return { cause: "slow", text: `the server gave no answer within ${String(timeoutSeconds)} s`, passing: false };
  }
  if (error instanceof APIConnectionError) return connectionReason(error);
  const answer = answeredError(error);
  if (answer !== null) return answered(answer);
  if (error instanceof SyntaxError) return { cause: "rubbish", text: "the server's answer is not JSON", passing: true };
  return { cause: "broken", text: `the request failed (${brief(messageOf(error))})`, passing: true };
}

/** An answer with a status that is an error's. */
export interface AnsweredError {
  readonly status: number;
  readonly message: string;
  readonly code: string | null;
  readonly type: string | null;
  /** The parameter that the server is at odds with. */
  readonly param: string | null;
  readonly headers: Headers | undefined;
}

/** @returns null for any other error; the library's own type leaves its fields open */
export function answeredError(error: unknown): AnsweredError | null {
  if (!(error instanceof APIError)) return null;
  const status: unknown = error.status;
  const headers: unknown = error.headers;
  if (typeof status !== "number") return null;
  const { message, code = null, param = null, type = null } = error;
  return { status, message, code, param, type, headers: headers instanceof Headers ? headers : undefined };
}

function answered(error: AnsweredError): Reason {
  const { status } = error;
  const said = `the server answered ${String(status)}${quoted(error)}`;
  if (status === 401 || status === 403) return { cause: "key", text: `${said}: it does not take the key`, passing: false };
  // A quota that is used up comes back with no try.
  if (status === 429) return { cause: "busy", text: said, passing: error.code !== "insufficient_quota", ...wait(error) };
  if (status === 408 || status === 409 || status >= 500) return { cause: "broken", text: said, passing: true, ...wait(error) };
  if (tooLong(error)) return { cause: "too-long", text: `the prompt is too long for it: ${said}`, passing: false };
  if (status === 404) return { cause: "not-found", text: `${said}: it knows no such model or address`, passing: false };
  return { cause: "rejected", text: said, passing: false };
}

/** vLLM and OpenAI speak of the maximum context length, llama.cpp of the context size, SGLang of both. */
function tooLong(error: AnsweredError): boolean {
  const known = ["context_length_exceeded", "exceed_context_size_error"];
  if (known.includes(error.code ?? "") || known.includes(error.type ?? "")) return true;
  return error.status === 413 || /context (length|size|window)|too long|maximum.{0,20}length|exceeds?.{0,40}context/iu.test(error.message);
}

function wait({ headers }: AnsweredError): { waitMs?: number } {
  const milliseconds = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  const seconds = Number(headers?.get("retry-after") ?? Number.NaN);
  const waitMs = Number.isFinite(milliseconds) ? milliseconds : 1000 * seconds;
  return Number.isFinite(waitMs) && waitMs >= 0 ? { waitMs: Math.min(waitMs, 60_000) } : {};
}

function quoted({ status, message }: AnsweredError): string {
  // The library puts the status before the server's words.
  const words = brief(message.replace(String(status), ""));
  return words === "" || words === "status code (no body)" ? "" : ` (${words})`;
}

/** Codes of connections that were there, and broke. */
const broken = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE", "UND_ERR_RES_EXCEEDED_MAX_SIZE", "UND_ERR_ABORTED"]);

function connectionReason(error: APIConnectionError): Reason {
  const code = innermostCode(error);
  if (code !== null && broken.has(code)) return { cause: "broken", text: `the connection broke off (${code})`, passing: true };
  const why = code === "ECONNREFUSED" ? "connection refused" : (code ?? brief(messageOf(error.cause ?? error)));
  return { cause: "unreachable", text: `the server cannot be reached (${why})`, passing: true };
}

/** The code of the system's error behind others; null where there is none. */
export function innermostCode(error: unknown): string | null {
  let code: string | null = null;
  for (let inner = error, depth = 0; inner instanceof Error && depth < 8; inner = inner.cause, depth++) {
    if ("code" in inner && typeof inner.code === "string") code = inner.code;
    // Where a name has several addresses, each has its error.
    if (inner instanceof AggregateError) code = innermostCode(inner.errors[0]) ?? code;
  }
  return code;
}

/** One short line without markup, whatever it was. */
export function brief(text: string): string {
  const line = text
    .replace(/<(script|style)[\s\S]*?<\/\1>/giu, " ")
    .replace(/<[^>]*>/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}
