/** Finds a Chromium-based browser, or installs one where that is possible without asking, and starts it. */
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from "playwright-core";
import { withLock } from "./cache.js";

/** Names under which Linux distributions put the browser on the PATH, best first. */
const COMMANDS = ["google-chrome-stable", "google-chrome", "chromium", "chromium-browser", "microsoft-edge"];

/** Keeps the browser from reaching for the network on its own and lets it start as root in a container. */
export const BROWSER_FLAGS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of a browser: `CHROME_PATH`, else an installed one, else Debian's, installed now. */
export async function findBrowser(): Promise<string> {
  const chosen = process.env.CHROME_PATH;
  if (chosen) {
    if (await isExecutable(chosen)) {
      return chosen;
    }
    throw new Error(`CHROME_PATH names ${chosen}, which is not an executable file.`);
  }
  const installed = await firstExecutable(candidates());
  if (installed) {
    return installed;
  }
  if (await canInstall()) {
    await withLock("chromium-install", installChromium);
    const fresh = await firstExecutable(candidates());
    if (fresh) {
      return fresh;
    }
  }
  throw new Error("No browser found. Install Chrome or Chromium, or set CHROME_PATH to the executable of one.");
}

/** Starts a headless browser. The caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS] });
}

/**
 * Starts a headless browser on a profile that outlives it, as a window that is closed and opened again needs.
 *
 * @param environment what the browser and its children inherit; they inherit ours if it is left out
 */
export async function launchBrowserWithProfile(
  profileDirectory: string,
  options: BrowserContextOptions = {},
  environment?: NodeJS.ProcessEnv,
): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profileDirectory, {
    ...options,
    executablePath: await findBrowser(),
    args: [...BROWSER_FLAGS],
    ...(environment && { env: environment }),
  });
}

function candidates(): string[] {
  if (process.platform === "darwin") {
    return [
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ];
  }
  if (process.platform === "win32") {
    const roots = [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA];
    const paths = ["Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe"];
    return paths.flatMap((path) => roots.flatMap((root) => (root ? [join(root, path)] : [])));
  }
  const directories = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const onPath = COMMANDS.flatMap((command) => directories.map((directory) => join(directory, command)));
  return [...onPath, "/usr/bin/chromium", "/opt/google/chrome/chrome", "/snap/bin/chromium"];
}

async function firstExecutable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (await isExecutable(path)) {
      return path;
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Only Debian itself has a `chromium` that is a browser; Ubuntu's package of that name needs snapd. */
async function canInstall(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    return false;
  }
  const release = await execa("sh", ["-c", ". /etc/os-release && echo $ID"], { reject: false });
  return release.stdout === "debian";
}

async function installChromium(): Promise<void> {
  if (await firstExecutable(candidates())) {
    return; // another process installed it while this one waited for the lock
  }
  console.log("No browser found: installing Debian's chromium with apt-get.");
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" } };
  await execa("apt-get", ["update"], options);
  await execa("apt-get", ["install", "--yes", "--no-install-recommends", "chromium"], options);
}
