/** The page's line to the extension host: typed both ways, and the state VS Code keeps for a page that is closed and shown again. */
import type { DashboardToHost } from "../src/protocol/dashboard.js";
import { hostLine } from "./hostLine.js";
import { parseMessage, type Parsed } from "./messages.js";
import { parseViewState, type ViewState } from "./viewState.js";

/** Milliseconds. */
const keepAfter = 100;

export class Transport {
  readonly #line = hostLine();
  #state = parseViewState(this.#line.kept);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    window.addEventListener("pagehide", () => this.#keep());
    document.addEventListener("visibilitychange", () => this.#keep());
  }

  post(message: DashboardToHost): void {
    this.#line.post(message);
  }

  /** Calls back with each message, checked; then tells the host that the page listens. */
  listen(receive: (parsed: Parsed) => void): void {
    this.#line.listen((data) => receive(parseMessage(data)));
    this.post({ type: "ready" });
  }

  get state(): ViewState {
    return this.#state;
  }

  /** Kept a little later: while a person pans, the state changes at every frame, and keeping it is a message to the host. */
  set state(state: ViewState) {
    this.#state = state;
    this.#timer ??= setTimeout(() => this.#keep(), keepAfter);
  }

  #keep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#line.keep(this.#state);
  }
}
