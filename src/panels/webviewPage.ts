/** Puts one of our pages into a webview and joins it to the host, in the one way there is. */
import * as vscode from "vscode";
import type * as z from "zod";
import { inBackground } from "../platform/log.js";
import { webviewHtml, webviewRoot } from "./html.js";
import { ViewTransport } from "./transport.js";

export interface WebviewPage<Incoming> {
  /** Name of the bundle, e.g. "dashboard" for dist/webview/dashboard.js and .css. */
  readonly page: string;
  readonly title: string;
  /** What the page may say; anything else is refused and logged. */
  readonly messages: z.ZodType<Incoming>;
  /** Whether it can be seen now: a page that nobody sees is not loaded and says nothing. */
  readonly isVisible: () => boolean;
  /** What it throws is logged. */
  readonly receive: (message: Incoming) => Promise<void>;
}

/** A page says `ready` within milliseconds of being loaded; on a busy machine within a second or two. */
const patienceMs = 4_000;
const mostReloads = 3;

/** @returns the line to the page, and what ends it: to be disposed of with the panel or view. */
export function openPage<Outgoing, Incoming>(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  log: vscode.LogOutputChannel,
  { page, title, messages, isVisible, receive }: WebviewPage<Incoming>,
): { readonly transport: ViewTransport<Outgoing, Incoming>; readonly subscription: vscode.Disposable } {
  const transport = new ViewTransport<Outgoing, Incoming>(webview, messages);
  webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(extensionUri)] };
  const load = (): void => {
    // With a nonce of its own each time, so that it counts as another page.
    webview.html = webviewHtml(webview, extensionUri, page, title);
  };
  const subscription = transport.onMessage(
    (message) => {
      clearInterval(watch);
      inBackground(log, receive(message));
    },
    (raw) => log.warn(`The page "${page}" sent something that is no message of ours: ${JSON.stringify(raw)}`),
  );
  // code-server serves all webviews from one origin, where they put out each other's service worker: a page made then may stay empty
  // until it is loaded again. Where each has an origin of its own, as in desktop VS Code and under test, pages speak without this.
  let reloads = 0;
  const watch = setInterval(() => {
    if (!isVisible()) return;
    if (++reloads === mostReloads) clearInterval(watch);
    log.warn(`The page "${page}" said nothing for ${String(patienceMs / 1000)} s and is loaded again.`);
    load();
  }, patienceMs);
  // Last: from now on the page may speak.
  load();
  const stop = new vscode.Disposable(() => clearInterval(watch));
  return { transport, subscription: vscode.Disposable.from(subscription, stop) };
}
