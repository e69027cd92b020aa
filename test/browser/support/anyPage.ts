/** Any of our pages with a recorder in the host's place. */
import type { Browser, Page } from "playwright-core";
import { startPageServer, type PageServer } from "./pageServer.js";
import type { ThemeName } from "./themes.js";
import { closeWatched, openWatched } from "./watchedPage.js";

export type { PageServer } from "./pageServer.js";

/** Plays the host: keeps what the page sends, sends what a test wants. */
const recorder = `globalThis.host = { sent: [], state: undefined, violations: [] };
document.addEventListener("securitypolicyviolation", (event) => host.violations.push(event.violatedDirective + " " + event.blockedURI));
globalThis.acquireVsCodeApi = () => ({
  postMessage: (message) => host.sent.push(message),
  getState: () => host.state,
  setState: (state) => (host.state = state),
});
host.send = (data) => window.dispatchEvent(new MessageEvent("message", { data }));`;

/** Bundles a page of webview/pages and serves it. @param l10n translations, as the host puts them into the page */
export function servePage(page: string, l10n: Readonly<Record<string, string>> = {}): Promise<PageServer> {
  return startPageServer(page, { host: { script: recorder }, l10n });
}

export function openPage(browser: Browser, server: PageServer, theme: ThemeName, width: number, height = 900): Promise<Page> {
  return openWatched(browser, server, theme, width, height);
}

/** Sends the page a message of the host. */
export async function tell(page: Page, message: unknown): Promise<void> {
  await page.evaluate(`host.send(${JSON.stringify(message)})`);
}

/** What the page has sent since it was loaded, without its `ready`. */
export async function said(page: Page): Promise<unknown[]> {
  return page.evaluate<unknown[]>("host.sent.filter(({ type }) => type !== 'ready')");
}

/** Closes a page and fails for whatever went wrong on it. */
export function closePage(page: Page): Promise<void> {
  return closeWatched(page, "host.violations");
}
