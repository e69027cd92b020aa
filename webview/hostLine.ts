/** A page's line to the extension host, typed, with the state that VS Code keeps for the page. */

export interface HostLine<Outgoing> {
  post(message: Outgoing): void;
  /** Calls back with whatever arrives; the page checks it. */
  listen(receive: (data: unknown) => void): void;
  readonly kept: unknown;
  keep(state: unknown): void;
}

/** May be called once in a page's life, as acquireVsCodeApi may. */
export function hostLine(): HostLine<unknown> {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    listen: (receive) => window.addEventListener("message", (event: MessageEvent<unknown>) => receive(event.data)),
    get kept() {
      return api.getState();
    },
    keep: (state) => void api.setState(state),
  };
}
