/** The scorer's process as the host holds it: started on demand, ended when idle, started again after a crash with a growing pause. */
import { fork, type ChildProcess } from "node:child_process";
import process from "node:process";
import { exitCode, UserError } from "../protocol/errors.js";
import { scorerMessageSchema, type HostMessage, type ScorerMessage } from "./messages.js";

export interface ChildOptions {
  readonly program: string;
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string) => void;
  /** Called once for a row of crashes. */
  readonly onCrash: (error: UserError) => void;
  readonly idleMilliseconds: number;
  /** Pause before the first restart; doubled for each further one, up to a minute. */
  readonly restartMilliseconds: number;
}

/** Whoever waits for answers to one request. */
export interface Listener {
  onMessage(message: Extract<ScorerMessage, { id: number }>): void;
  onCrash(error: UserError): void;
}

const longestPause = 60_000;

export class ScorerChild {
  readonly #listeners = new Map<number, Listener>();
  #child: ChildProcess | null = null;
  #idle: NodeJS.Timeout | null = null;
  #crashes = 0;
  #startAfter = 0;
  #disposed = false;

  constructor(private readonly options: ChildOptions) {}

  /** For tests and logs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How long to wait before `send` may start the process, in milliseconds. */
  pause(): number {
    return this.#child ? 0 : Math.max(0, this.#startAfter - Date.now());
  }

  listen(id: number, listener: Listener): void {
    this.#listeners.set(id, listener);
    this.#watchIdle();
  }

  forget(id: number): void {
    this.#listeners.delete(id);
    this.#watchIdle();
  }

  /** Starts the process when there is none. */
  send(message: HostMessage): void {
    if (this.#disposed) return;
    this.#child ??= this.#start();
    this.#child.send(message, (error) => {
      // The end of the process tells the same; this would come twice.
      if (error) this.options.log("debug", `the scorer did not take a message: ${error.message}`);
    });
  }

  /** Tells a running process, and starts none. */
  sendIfRunning(message: HostMessage): void {
    if (this.#child) this.send(message);
  }

  /** A request was answered: whatever made the process die is over. */
  worked(): void {
    this.#crashes = 0;
  }

  dispose(): void {
    this.#disposed = true;
    this.#end();
  }

  #start(): ChildProcess {
    const child = fork(this.options.program, [], {
      serialization: "advanced",
      // The host may run under a debugger; its flags are not for this process.
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, ...(process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: "1" }) },
    });
    this.options.log("debug", `scorer ${String(child.pid)} started`);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-2000);
        this.options.log("debug", `scorer: ${text.trimEnd()}`);
      });
    }
    child.on("message", (value) => this.#take(child, value));
    child.once("error", (error) => this.#died(child, error.message, said));
    child.once("exit", (code, signal) => this.#died(child, signal ?? `code ${String(code)}`, said));
    return child;
  }

  #take(child: ChildProcess, value: unknown): void {
    const parsed = scorerMessageSchema.safeParse(value);
    if (!parsed.success) {
      this.options.log("error", `the scorer sent what is no message: ${parsed.error.message}`);
      child.kill();
      return;
    }
    const message = parsed.data;
    if (message.type === "log") this.options.log(message.level, message.message);
    else if (message.type !== "ready") this.#listeners.get(message.id)?.onMessage(message);
  }

  #died(child: ChildProcess, how: string, said: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#crashes++;
    this.#startAfter = Date.now() + Math.min(longestPause, this.options.restartMilliseconds * 2 ** (this.#crashes - 1));
    const last = said.trim().split("\n").at(-1) ?? "";
    const error = new UserError(
      "scorer-crashed",
      `The in-editor scorer ended unexpectedly (${how})${last === "" ? "" : `: ${last}`}.`,
      "It starts again with the next file that is scored. If this goes on, the log of LongRecipe says more.",
      exitCode.internal,
    );
    this.options.log("error", error.message);
    const waiting = [...this.#listeners.values()];
    this.#listeners.clear();
    if (this.#crashes === 1) this.options.onCrash(error);
    for (const listener of waiting) listener.onCrash(error);
  }

  #watchIdle(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#listeners.size > 0 || !this.#child) return;
    this.#idle = setTimeout(() => {
      this.options.log("debug", "the scorer was idle and is ended");
      this.#end();
    }, this.options.idleMilliseconds);
    this.#idle.unref();
  }

  #end(): void {
    if (this.#idle) clearTimeout(this.#idle);
    const child = this.#child;
    this.#child = null;
    child?.kill();
  }
}
