/**
 * One of our pages as VS Code shows it, without VS Code: document, default style, theme and content security policy as the
 * extension sends them, and a recorder in the host's place. A violation of the policy or an error on the page fails the test.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { themes, type ThemeName } from "./themes.js";

const nonce = "bG9uZ3JlY2lwZQ";
const faults = new WeakMap<Page, string[]>();

/** Plays the host: keeps what the page sends, sends what a test wants. */
const recorder = `globalThis.host = { sent: [], state: undefined, violations: [] };
document.addEventListener("securitypolicyviolation", (event) => host.violations.push(event.violatedDirective + " " + event.blockedURI));
globalThis.acquireVsCodeApi = () => ({
  postMessage: (message) => host.sent.push(message),
  getState: () => host.state,
  setState: (state) => (host.state = state),
});
host.send = (data) => window.dispatchEvent(new MessageEvent("message", { data }));`;

export interface PageServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Bundles a page of webview/pages and serves it. @param bundle translations, as the host puts them into the page */
export async function servePage(page: string, bundle: Readonly<Record<string, string>> = {}): Promise<PageServer> {
  const { outputFiles } = await build({
    entryPoints: { [page]: `webview/pages/${page}.ts` },
    bundle: true,
    write: false,
    outdir: "/",
    platform: "browser",
    target: "chrome120",
    format: "iife",
    logLevel: "silent",
  });
  const files = new Map(outputFiles.map(({ path, text }) => [path, text]));
  files.set("/vscode.css", readFileSync("test/browser/support/vscode.css", "utf8"));
  files.set("/recorder.js", recorder);
  files.set("/themes.js", themeScript());
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const file = files.get(pathname);
    if (pathname === "/") {
      const origin = `http://${request.headers.host ?? ""}`;
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.setHeader(
        "content-security-policy",
        `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin} 'nonce-${nonce}'; font-src ${origin}; img-src ${origin} data:`,
      );
      response.end(documentOf(page, searchParams.get("theme") ?? "dark", bundle));
    } else if (file === undefined) {
      response.writeHead(pathname === "/favicon.ico" ? 204 : 404).end();
    } else {
      response.setHeader("content-type", pathname.endsWith(".css") ? "text/css" : "text/javascript");
      response.end(file);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, close: () => closed(server) };
}

export async function openPage(browser: Browser, { origin }: PageServer, theme: ThemeName, width: number, height = 900): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height } });
  const seen: string[] = [];
  faults.set(page, seen);
  page.on("pageerror", (error) => seen.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") seen.push(message.text());
  });
  await page.goto(`${origin}/?theme=${theme}`);
  return page;
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
export async function closePage(page: Page): Promise<void> {
  const violations = await page.evaluate<string[]>("host.violations");
  await page.close();
  expect([...(faults.get(page) ?? []), ...violations]).toEqual([]);
}

function documentOf(page: string, theme: string, bundle: Readonly<Record<string, string>>): string {
  const script = (name: string): string => `<script nonce="${nonce}" src="/${name}.js"></script>`;
  const content = JSON.stringify(bundle).replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
  return `<!DOCTYPE html>
<html lang="en" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="longrecipe-l10n" content="${content}">
<title>${page}</title>
<link rel="stylesheet" href="/vscode.css">
<link rel="stylesheet" href="/${page}.css">
</head>
<body>${script("themes")}${script("recorder")}${script(page)}</body>
</html>`;
}

/** Sets variables and class as VS Code's webview frame does. */
function themeScript(): string {
  return `const { className, variables } = ${JSON.stringify(themes)}[document.documentElement.dataset.theme];
for (const [key, value] of Object.entries(variables)) document.documentElement.style.setProperty(key, value);
document.body.className = className;`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.closeAllConnections();
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
}
