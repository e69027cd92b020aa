/**
 * One of our pages as VS Code shows it, without VS Code: document, default style, theme variables and content security policy as
 * the extension sends them, and a script in the host's place that runs before the page's own.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { themes, type ThemeName } from "./themes.js";

const nonce = "bG9uZ3JlY2lwZQ";

export interface PageServer {
  /** Address of the page in a theme. */
  url(theme: ThemeName): string;
  /** Bytes of the page's own script or style. */
  size(kind: "js" | "css"): number;
  close(): Promise<void>;
}

export interface PageOptions {
  /** What plays the host: a script, or the entry of one that is bundled with the page. */
  readonly host: { readonly script: string } | { readonly entry: string };
  /** Translations, as the host puts them into the page. */
  readonly l10n?: Readonly<Record<string, string>>;
  readonly minify?: boolean;
}

/** Bundles a page of webview/pages and serves it. */
export async function startPageServer(page: string, { host, l10n = {}, minify = false }: PageOptions): Promise<PageServer> {
  const files = await bundle({ [page]: `webview/pages/${page}.ts`, ...("entry" in host ? { host: host.entry } : {}) }, minify);
  if ("script" in host) files.set("/host.js", host.script);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const file = files.get(pathname);
    if (pathname === "/") {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.setHeader("content-security-policy", policy(`http://${request.headers.host ?? ""}`));
      response.end(documentOf(page, searchParams.get("theme") ?? "dark", l10n));
    } else if (file === undefined) {
      response.writeHead(pathname === "/favicon.ico" ? 204 : 404).end();
    } else {
      response.setHeader("content-type", pathname.endsWith(".css") ? "text/css" : "text/javascript");
      response.end(file);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: (theme) => `${origin}/?theme=${theme}`,
    size: (kind) => Buffer.byteLength(files.get(`/${page}.${kind}`) ?? ""),
    close: () => closed(server),
  };
}

async function bundle(entryPoints: Record<string, string>, minify: boolean): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    minify,
    write: false,
    outdir: "/",
    platform: "browser",
    target: "chrome120",
    format: "iife",
    logLevel: "silent",
  });
  const files = new Map(outputFiles.map(({ path, text }) => [path, text]));
  files.set("/themes.js", themeScript());
  files.set("/vscode.css", readFileSync("test/browser/support/vscode.css", "utf8"));
  return files;
}

/** What the extension sends as well: nothing inline, nothing from elsewhere. */
function policy(origin: string): string {
  return `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin} 'nonce-${nonce}'; font-src ${origin}; img-src ${origin} data:`;
}

function documentOf(page: string, theme: string, l10n: Readonly<Record<string, string>>): string {
  const script = (name: string): string => `<script nonce="${nonce}" src="/${name}.js"></script>`;
  const content = JSON.stringify(l10n).replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
  return `<!DOCTYPE html>
<html lang="en" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="longrecipe-l10n" content="${content}">
<title>${page}</title>
<link rel="stylesheet" href="/vscode.css">
<link rel="stylesheet" href="/${page}.css">
</head>
<body>
${script("themes")}${script("host")}${script(page)}</body>
</html>`;
}

/** Sets variables and class as VS Code's webview frame does; `applyTheme` switches at run time. */
function themeScript(): string {
  return `const themes = ${JSON.stringify(themes)};
globalThis.applyTheme = (name) => {
  const { className, variables } = themes[name];
  const { style } = document.documentElement;
  for (const key of [...style]) style.removeProperty(key);
  for (const [key, value] of Object.entries(variables)) style.setProperty(key, value);
  document.body.className = className;
};
applyTheme(document.documentElement.dataset.theme);`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.closeAllConnections();
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
}
