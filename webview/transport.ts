/** The page's line to the extension host: typed both ways, and the state VS Code keeps for a page that is closed and shown again. */
import type { DashboardToHost } from "../src/protocol/dashboard.js";
import { parseMessage, type Parsed } from "./messages.js";
import { parseViewState, type ViewState } from "./viewState.js";

export class Transport {
  // acquireVsCodeApi may be called once in a page's life.
  readonly #api = acquireVsCodeApi();

  post(message: DashboardToHost): void {
    this.#api.postMessage(message);
  }

  /** Calls back with each message, checked; then tells the host that the page listens. */
  listen(receive: (parsed: Parsed) => void): void {
    window.addEventListener("message", (event: MessageEvent<unknown>) => receive(parseMessage(event.data)));
    this.post({ type: "ready" });
  }

  get state(): ViewState {
    return parseViewState(this.#api.getState());
  }

  set state(state: ViewState) {
    this.#api.setState(state);
  }
}
