/** The page of a webview: one script and one style sheet of ours, and a policy that lets in nothing else. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** Where built webviews lie; the only folder their pages may load from. */
export function webviewRoot(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, "dist", "webview");
}

/**
 * @param page name of the bundle, e.g. "dashboard" for dist/webview/dashboard.js and .css
 */
export function webviewHtml(webview: vscode.Webview, extensionUri: vscode.Uri, page: string, title: string): string {
  const nonce = randomBytes(16).toString("base64");
  const resource = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(webviewRoot(extensionUri), file)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.l10n.bundle === undefined ? "en" : vscode.env.language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="longrecipe-l10n" content="${escapeHtml(JSON.stringify(vscode.l10n.bundle ?? {}))}" />
    <title>${escapeHtml(title)}</title>
    <link rel="stylesheet" href="${escapeHtml(resource(`${page}.css`))}" nonce="${nonce}" />
  </head>
  <body>
    <script nonce="${nonce}" src="${escapeHtml(resource(`${page}.js`))}"></script>
  </body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
