/** Puts one of our pages into a webview and joins it to the host, in the one way there is. */
import type * as vscode from "vscode";
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
  /** What it throws is logged. */
  readonly receive: (message: Incoming) => Promise<void>;
}

/** @returns the line to the page, and what ends it: to be disposed of with the panel or view. */
export function openPage<Outgoing, Incoming>(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  log: vscode.LogOutputChannel,
  { page, title, messages, receive }: WebviewPage<Incoming>,
): { readonly transport: ViewTransport<Outgoing, Incoming>; readonly subscription: vscode.Disposable } {
  const transport = new ViewTransport<Outgoing, Incoming>(webview, messages);
  webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(extensionUri)] };
  const subscription = transport.onMessage(
    (message) => inBackground(log, receive(message)),
    (raw) => log.warn(`The page "${page}" sent something that is no message of ours: ${JSON.stringify(raw)}`),
  );
  // Last: from now on the page may speak.
  webview.html = webviewHtml(webview, extensionUri, page, title);
  return { transport, subscription };
}
