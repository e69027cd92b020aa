/** What the two kinds of host have in common: how one is started, and what can be done with it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import * as z from "zod";
import { themes, type Theme } from "./protocol.js";

/** A window to open, with a suite to run in it. All paths are absolute. */
export interface HostLaunch {
  workspace: string;
  userDataDir: string;
  /** The extension under development. */
  extensionPath: string;
  /** The module that exports `run`. */
  testsPath: string;
  vsix?: string | undefined;
  trust: boolean;
  size: { width: number; height: number };
  scale: number;
  /** For every process that the host starts. */
  env: Readonly<Record<string, string>>;
}

/** An open window in which the suite runs. */
export interface RunningHost {
  page: Page;
  /** Resolves to the exit code that the host reports for the suite. */
  exited: Promise<number>;
  /** What the host printed, for looking into failures. */
  log: () => string;
  stop: () => Promise<void>;
}

/** Settings that keep the window quiet and its pictures the same every time. */
const QUIET = {
  "workbench.colorTheme": themes.dark,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.layoutControl.enabled": false,
  "window.autoDetectColorScheme": false,
  "window.autoDetectHighContrast": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "chat.commandCenter.enabled": false,
  "security.workspace.trust.startupPrompt": "never",
  "editor.cursorBlinking": "solid",
  // code-server's default would write what a test types before the test takes it back.
  "files.autoSave": "off",
  // File dialogs that are part of the window, in every host, so that they can be answered.
  "files.simpleDialog.enable": true,
};

const settingsSchema = z.record(z.string(), z.json());

/** Writes the user settings, keeping those that an earlier session in the same directory left. */
export async function writeSettings(userDataDir: string, theme: Theme | undefined, more: Readonly<Record<string, unknown>>): Promise<void> {
  const file = join(userDataDir, "User", "settings.json");
  const earlier = await readFile(file, "utf8").catch(() => "{}");
  const colorTheme = theme && { "workbench.colorTheme": themes[theme] };
  const settings = { ...QUIET, ...settingsSchema.parse(JSON.parse(earlier)), ...colorTheme, ...more };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(settings, undefined, 2));
}
