/** Runs a suite in desktop VS Code, downloaded by `@vscode/test-electron` and driven through its debugging port. */
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath } from "@vscode/test-electron";
import { execa } from "execa";
import { chromium, type Browser, type Page } from "playwright-core";
import { cacheDirectory, withLock } from "../../support/cache.js";
import { VSCODE_VERSION } from "../../support/codeServerInstall.js";
import { cleanEnvironment, startGroup } from "../../support/processes.js";
import type { HostLaunch, RunningHost } from "./host.js";

const WINDOW_TIMEOUT_MS = 120_000;

/** Without an answer for this long, the download counts as impossible. */
const DOWNLOAD_IDLE_MS = 15_000;

/** Whether a desktop application can open a window here. */
export function hasDisplay(): boolean {
  return process.platform !== "linux" || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}

/** The path of the executable, downloaded unless the cache has it. Rejects where it cannot be downloaded. */
export async function downloadVSCode(): Promise<string> {
  const cachePath = join(cacheDirectory(), "vscode");
  return withLock("vscode-download", () => downloadAndUnzipVSCode({ version: VSCODE_VERSION, cachePath, timeout: DOWNLOAD_IDLE_MS }));
}

/** Opens the window and starts the suite in it. */
export async function startElectronHost(executable: string, launch: HostLaunch): Promise<RunningHost> {
  const { userDataDir } = launch;
  const directories = [`--user-data-dir=${userDataDir}`, `--extensions-dir=${join(userDataDir, "extensions")}`];
  if (launch.vsix !== undefined) {
    const [cli, ...cliArgs] = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true });
    await execa(cli ?? executable, [...cliArgs, ...directories, "--install-extension", launch.vsix, "--force"], {
      env: cleanEnvironment(),
      extendEnv: false,
    });
  }
  const port = await freePort();
  const vscode = await startGroup(
    executable,
    [
      launch.workspace,
      ...directories,
      `--extensionDevelopmentPath=${launch.extensionPath}`,
      `--extensionTestsPath=${launch.testsPath}`,
      `--remote-debugging-port=${port}`,
      `--window-size=${launch.size.width},${launch.size.height}`,
      `--force-device-scale-factor=${launch.scale}`,
      "--no-sandbox",
      "--disable-updates",
      "--skip-welcome",
      "--skip-release-notes",
      ...(launch.trust ? ["--disable-workspace-trust"] : []),
    ],
    { ...cleanEnvironment(), ...launch.env },
  );
  let browser: Browser | undefined;
  const stop = async () => {
    await browser?.close();
    await vscode.stop();
  };
  try {
    const window = await connect(port);
    browser = window.browser;
    return { page: window.page, exited: vscode.exited, log: vscode.log, stop };
  } catch (error) {
    await stop();
    throw new Error(`VS Code opened no window:\n${vscode.log()}`, { cause: error });
  }
}

/** Waits for the window and attaches Playwright to it. */
async function connect(port: number): Promise<{ browser: Browser; page: Page }> {
  const deadline = Date.now() + WINDOW_TIMEOUT_MS;
  for (;;) {
    try {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
      const pages = browser.contexts().flatMap((context) => context.pages());
      const page = pages.find((candidate) => candidate.url().includes("workbench"));
      if (page) {
        return { browser, page };
      }
      await browser.close();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
    }
    await sleep(250);
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("No port."))));
    });
  });
}
