/**
 * The page as VS Code shows it, without VS Code: the same document, default style, theme variables and content security policy,
 * and the player in the host's place. A violation of the policy is a failure, not a warning.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { build } from "esbuild";
import type { AddressInfo } from "node:net";
import { themes, type ThemeName } from "./themes.js";

const nonce = "bG9uZ3JlY2lwZQ";

export interface Harness {
  /** Address of the dashboard in a theme. */
  url(theme: ThemeName): string;
  /** Bytes of the page's own script and style, minified. */
  readonly sizes: Readonly<Record<"js" | "css", number>>;
  close(): Promise<void>;
}

/** Bundles the page and the player and serves them. */
export async function startHarness(): Promise<Harness> {
  const files = await bundle();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const file = files.get(pathname);
    if (pathname === "/favicon.ico") {
      response.writeHead(204).end();
    } else if (pathname === "/") {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.setHeader("content-security-policy", policy(`http://${request.headers.host ?? ""}`));
      response.end(document(searchParams.get("theme") ?? "dark"));
    } else if (file === undefined) {
      response.writeHead(404).end();
    } else {
      response.setHeader("content-type", pathname.endsWith(".css") ? "text/css" : "text/javascript");
      response.end(file);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const size = (name: string): number => Buffer.byteLength(files.get(name) ?? "");
  return {
    url: (theme) => `http://127.0.0.1:${String(port)}/?theme=${theme}`,
    sizes: { js: size("/dashboard.js"), css: size("/dashboard.css") },
    close: () => closed(server),
  };
}

async function bundle(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { dashboard: "webview/pages/dashboard.ts", player: "webview/player.ts" },
    bundle: true,
    minify: true,
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

function document(theme: string): string {
  const script = (name: string): string => `<script nonce="${nonce}" src="/${name}.js"></script>`;
  return `<!DOCTYPE html>
<html lang="en" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Run dashboard</title>
<link rel="stylesheet" href="/vscode.css">
<link rel="stylesheet" href="/dashboard.css">
</head>
<body>
${script("themes")}${script("player")}${script("dashboard")}
</body>
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
