/**
 * Plays the host's part to a page outside VS Code: gives it `acquireVsCodeApi`, sends it scenes, keeps what it sends.
 * For tests and for design work; loaded before the page's own script, never part of the extension.
 */
import type { DashboardToHost, HostToDashboard } from "../src/protocol/dashboard.js";
import type { PlayerApi } from "./player/api.js";
import { appendMessage, comparedMessage, logMessage, snapshotMessage, type Scene } from "./player/scenes.js";

const storageKey = "longrecipe-player-state";

class Player implements PlayerApi {
  readonly sent: DashboardToHost[] = [];
  readonly violations: string[] = [];
  #scene: Scene | null = null;
  #points = 0;
  #prepared: { readonly scene: Scene; readonly message: HostToDashboard } | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    document.addEventListener("securitypolicyviolation", (event) => {
      this.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${String(event.lineNumber)}`);
    });
    const api = {
      postMessage: (message: DashboardToHost) => this.#receive(message),
      getState: () => this.kept,
      setState: <T>(state: T) => {
        sessionStorage.setItem(storageKey, JSON.stringify(state));
        return state;
      },
    };
    Object.assign(globalThis, { acquireVsCodeApi: () => api });
  }

  /** Keeps what the page says, and answers what the host answers at once. */
  #receive(message: DashboardToHost): void {
    this.sent.push(message);
    const scene = this.#scene;
    if (message.type === "compare")
      this.#answer(() => comparedMessage(message.directories, scene?.points ?? 200, scene?.now ?? Date.now()));
    if (message.type === "log" && message.wanted) this.#answer(() => logMessage);
  }

  #answer(make: () => HostToDashboard): void {
    setTimeout(() => this.send(make()));
  }

  /** Lives as long as the tab, as VS Code keeps it over hiding a view. */
  get kept(): unknown {
    const text = sessionStorage.getItem(storageKey);
    return text === null ? undefined : (JSON.parse(text) as unknown);
  }

  prepare(scene: Scene): void {
    this.#prepared = { scene, message: snapshotMessage(scene) };
  }

  show(scene: Scene): void {
    const message = this.#prepared?.scene === scene ? this.#prepared.message : snapshotMessage(scene);
    this.#prepared = null;
    this.#scene = scene;
    this.#points = scene.name === "starting" ? 0 : scene.points;
    this.send(message);
  }

  append(count: number): void {
    if (this.#scene === null) throw new Error("Nothing is shown yet.");
    const from = this.#points;
    this.#points += count;
    this.send(appendMessage(this.#scene, from, count, this.#scene.now + (this.#points - this.#scene.points) * 400));
  }

  play(perSecond: number): void {
    this.stop();
    this.#timer = setInterval(() => this.append(1), 1000 / perSecond);
  }

  answer(): void {
    const asked = this.sent.findLast((message) => message.type === "compare");
    const scene = this.#scene;
    if (asked !== undefined && scene !== null) this.send(comparedMessage(asked.directories, scene.points, scene.now));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  send(message: unknown): void {
    window.dispatchEvent(new MessageEvent("message", { data: message }));
  }
}

globalThis.player = new Player();
