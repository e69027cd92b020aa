/**
 * The in-editor scorer, as the extension host sees it: a client of a child process (dist/scorer.js). Nothing native is
 * loaded here; when the child dies, requests end with a UserError and the next one starts it anew.
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { UserError } from "../protocol/errors.js";
import type { ScoredPart, ScoreRequest, TokenScorer } from "../protocol/tokenScores.js";
import { ScorerChild } from "./child.js";
import { PartQueue } from "./partQueue.js";
import { readPair } from "./pair.js";
import { byUrgency } from "./windows.js";

export interface ScorerOptions {
  /** dist/scorer.js */
  readonly program: string;
  /** The pair's folder (pair.ts), asked at each request: a changed setting needs no restart. @throws UserError */
  readonly pair: () => string | Promise<string>;
  /** One line for the log. */
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string) => void;
  /**
   * Called once when the child died, and not again while it dies over and over. Requests that were under way end with
   * the same error, code `scorer-crashed`: whoever catches that one need not show it again.
   */
  readonly onCrash: (error: UserError) => void;
  /** The child ends after this long without a request. Left out: five minutes. */
  readonly idleMilliseconds?: number;
  /** Pause before the first restart after a crash; doubled for each further one. Left out: one second. */
  readonly restartMilliseconds?: number;
}

/** A scorer that runs until it is disposed. One for all editors. */
export interface Scorer extends TokenScorer {
  /** The child's process id while there is one. */
  readonly pid: number | undefined;
  dispose(): void;
}

/** Bytes of scores of whole texts that are kept. */
const cacheBytes = 64 * 2 ** 20;

/** Starts nothing: the child is started by the first request. */
export function createScorer(options: ScorerOptions): Scorer {
  const { idleMilliseconds = 5 * 60_000, restartMilliseconds = 1000 } = options;
  const child = new ScorerChild({ ...options, idleMilliseconds, restartMilliseconds });
  const known = new LRUCache<string, ScoredPart[]>({
    maxSize: cacheBytes,
    sizeCalculation: (parts) => parts.reduce((sum, { tokens }) => sum + 64 + 20 * tokens.starts.length, 1),
  });
  let next = 0;

  async function* ask(pair: string, hash: string, request: ScoreRequest, signal: AbortSignal): AsyncGenerator<ScoredPart> {
    await delay(child.pause(), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (signal.aborted) return;
    const id = next++;
    const queue = new PartQueue();
    const cancel = (): void => {
      child.sendIfRunning({ type: "cancel", id });
      queue.end();
    };
    child.listen(id, {
      onCrash: (error) => queue.fail(error),
      onMessage: (message) => {
        if (message.type === "part") queue.add(message.part);
        else if (message.type === "done") queue.end();
        else queue.fail(new UserError(message.error.code, message.error.message, message.error.remedy, message.error.exit));
      },
    });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      child.send({ type: "score", id, pair, hash, text: request.text, visible: { ...request.visible } });
      yield* queue.parts();
      child.worked();
    } finally {
      signal.removeEventListener("abort", cancel);
      // A reader that stopped early wants no more, either.
      if (!queue.isOver) child.sendIfRunning({ type: "cancel", id });
      child.forget(id);
    }
  }

  return {
    get pid() {
      return child.pid;
    },
    dispose: () => child.dispose(),
    async *score(request, signal) {
      const ended = (): boolean => signal.aborted;
      if (ended() || request.text === "") return;
      const pair = await options.pair();
      const { hash } = await readPair(pair);
      const key = createHash("sha256").update(hash).update(request.text, "utf16le").digest("base64");
      const kept = known.get(key);
      if (kept) {
        yield* byUrgency(kept, request.visible);
        return;
      }
      const parts: ScoredPart[] = [];
      for await (const part of ask(pair, hash, request, signal)) {
        // Parts that were under way when the signal came are not for anyone.
        if (ended()) return;
        parts.push(part);
        yield part;
      }
      if (!ended()) known.set(key, parts);
    },
  };
}
