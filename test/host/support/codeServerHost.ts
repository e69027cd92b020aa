/** Runs a suite in code-server: its window is a web page, its extension host a Node process on this machine. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { launchBrowserWithProfile } from "../../support/browser.js";
import { installVsix, startCodeServer, type RunningCodeServer } from "../../support/codeServer.js";
import type { HostLaunch, RunningHost } from "./host.js";

const WORKBENCH_TIMEOUT_MS = 120_000;

/** Opens the window and starts the suite in it. */
export async function startCodeServerHost(launch: HostLaunch): Promise<RunningHost> {
  const { userDataDir, trust, env } = launch;
  const extensionsDir = join(userDataDir, "extensions");
  if (launch.vsix !== undefined) {
    await installVsix(launch.vsix, extensionsDir, userDataDir);
  }
  const port = await earlierPort(userDataDir);
  const server = await startCodeServer({ userDataDir, extensionsDir, trust, env, ...(port && { port }) });
  let browser: BrowserContext | undefined;
  const stop = async () => {
    await browser?.close();
    await server.stop();
  };
  try {
    await writeFile(portFile(userDataDir), String(server.port));
    browser = await launchBrowserWithProfile(
      join(userDataDir, "browser"),
      { viewport: launch.size, deviceScaleFactor: launch.scale },
      { ...process.env, ...env },
    );
    const page = browser.pages()[0] ?? (await browser.newPage());
    const messages: string[] = [];
    let onExit: (code: number) => void = () => undefined;
    page.on("console", (message) => messages.push(message.text()));
    const exited = new Promise<number>((resolve, reject) => {
      onExit = resolve;
      page.once("close", () => reject(new Error("The window closed before the suite had ended.")));
      page.once("crash", () => reject(new Error("The window crashed.")));
    });
    exited.catch(() => undefined); // it may fail before anyone waits for it
    // The workbench, when it runs tests, calls a function of this name with the code of their result.
    await page.exposeFunction("codeAutomationExit", (code: number) => onExit(code));
    await giveWebviewsOrigins(page, server);
    // A page that was changed on its way counts as one of the wide network, which has to ask before it speaks to this machine.
    await browser.grantPermissions(["local-network-access"], { origin: `http://${hostOf(server)}` });
    await page.goto(windowAddress(server, launch), { timeout: WORKBENCH_TIMEOUT_MS });
    await page.locator(".monaco-workbench").waitFor({ timeout: WORKBENCH_TIMEOUT_MS });
    return { page, exited, log: () => [server.log(), ...messages].join("\n"), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Gives each webview an origin of its own, as in desktop VS Code. code-server serves all of them from its own one, where they
 * put out each other's service worker: of several that are opened at once, as after a reload, some stay empty.
 */
async function giveWebviewsOrigins(page: Page, server: RunningCodeServer): Promise<void> {
  await page.route(
    ({ host, pathname }) => host === hostOf(server) && pathname === "/",
    async (route) => {
      // Not every system's resolver knows the names below localhost, as browsers do.
      const address = new URL(route.request().url());
      address.host = new URL(server.url).host;
      const response = await route.fetch({ url: address.href, headers: { ...route.request().headers(), host: hostOf(server) } });
      const origin = (name: string): string => `http://${name}.${hostOf(server)}`;
      const text = await response.text();
      const body = text.replace(/(?<=webviewEndpoint&quot;:&quot;)/, `${origin("{{uuid}}")}/`);
      if (body === text) throw new Error("code-server's page names no endpoint of webviews.");
      const headers = response.headers();
      const policy = headers["content-security-policy"]?.replace(/(child|frame)-src 'self'/g, `$& ${origin("*")}`);
      await route.fulfill({ response, body, headers: { ...headers, ...(policy && { "content-security-policy": policy }) } });
    },
  );
}

/** A name under which the browser takes window and webviews for one site: to those of others it grants no service worker. */
function hostOf({ port }: RunningCodeServer): string {
  return `vscode.localhost:${port}`;
}

function windowAddress(server: RunningCodeServer, launch: HostLaunch): string {
  const remote = (path: string) => `vscode-remote://${hostOf(server)}${path}`;
  const payload = [
    ["extensionDevelopmentPath", remote(launch.extensionPath)],
    ["extensionTestsPath", remote(launch.testsPath)],
  ];
  const query = new URLSearchParams({ folder: launch.workspace, payload: JSON.stringify(payload) });
  return `http://${hostOf(server)}/?${query.toString()}`;
}

/** Where the port is kept: the browser finds the state of an earlier window only under the same address. */
function portFile(userDataDir: string): string {
  return join(userDataDir, "code-server-port");
}

async function earlierPort(userDataDir: string): Promise<number> {
  return Number(await readFile(portFile(userDataDir), "utf8").catch(() => "0"));
}
