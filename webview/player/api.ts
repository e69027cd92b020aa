/** What a test or a designer may do with a played page; no DOM in here, so that tests outside the page can name it too. */
import type { DashboardToHost } from "../../src/protocol/dashboard.js";
import type { Scene } from "./scenes.js";

export interface PlayerApi {
  /** Makes the snapshot of a scene that will be shown next, so that making it is not measured. */
  prepare(scene: Scene): void;
  /** Sends the snapshot of a scene, as the host does for a page that says `ready`. */
  show(scene: Scene): void;
  /** Sends `count` further points as the host does while a run goes on. */
  append(count: number): void;
  /** Appends at `perSecond` events a second until stopped. */
  play(perSecond: number): void;
  stop(): void;
  /** Answers the newest request to compare, as the host does for a page that was reloaded. */
  answer(): void;
  /** Sends anything at all. */
  send(message: unknown): void;
  /** What the page has sent. */
  readonly sent: readonly DashboardToHost[];
  /** What the page has kept with setState. */
  readonly kept: unknown;
  /** Violations of the content security policy so far. */
  readonly violations: readonly string[];
}

declare global {
  var player: PlayerApi;
}
