/**
 * The suite's side of the turn-taking: what a test inside the extension host can ask of the window around it.
 * Every function resolves when the thing is done and rejects when it cannot be done in time.
 */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import * as z from "zod";
import {
  answerSchema,
  SESSION_VARIABLE,
  sessionFiles,
  sessionSchema,
  themes,
  writeJson,
  type Json,
  type Request,
  type Session,
  type Theme,
} from "./protocol.js";

/** Longer than any action of the driver may take, so that its own, more telling error arrives first. */
const ANSWER_TIMEOUT_MS = 60_000;

let asked = 0;

/** The directory shared with the process that runs the suite. */
export function sessionDirectory(): string {
  const directory = process.env[SESSION_VARIABLE];
  if (!directory) {
    throw new Error("This suite was not started by runHostTests().");
  }
  return directory;
}

/** What the caller of `runHostTests` told the suite. */
export async function session(): Promise<Session> {
  return sessionSchema.parse(JSON.parse(await readFile(sessionFiles.session(sessionDirectory()), "utf8")));
}

/** Saves a picture, `test-results/host/NAME.png` by default, of the window or of the element `of` selects in it. */
export async function screenshot(name: string, of?: string): Promise<void> {
  await ask({ kind: "screenshot", name, ...(of !== undefined && { of }) });
}

/** Clicks an element in a webview, waiting for it to be there. */
export async function clickInWebview(selector: string): Promise<void> {
  await ask({ kind: "clickInWebview", selector });
}

/** The visible text of an element in a webview, waiting for it to be there. */
export async function readWebview(selector: string): Promise<string> {
  return z.string().parse(await ask({ kind: "readWebview", selector }));
}

/**
 * Evaluates JavaScript in the document of a webview.
 *
 * @param expression whose value can be written as JSON
 * @param selector   tells which webview is meant if there are several: one that shows it
 */
export async function evaluateInWebview(expression: string, selector = "body"): Promise<Json> {
  return ask({ kind: "evaluateInWebview", selector, expression });
}

/** Clicks an element of the window itself, such as a notification's button. */
export async function clickInWindow(selector: string): Promise<void> {
  await ask({ kind: "clickInWindow", selector });
}

/** The visible text of an element of the window itself. */
export async function readWindow(selector: string): Promise<string> {
  return z.string().parse(await ask({ kind: "readWindow", selector }));
}

/** Presses a key or a chord in Playwright's notation, such as `Control+Shift+P`. */
export async function press(key: string): Promise<void> {
  await ask({ kind: "press", key });
}

/** Types text wherever the focus is. */
export async function type(text: string): Promise<void> {
  await ask({ kind: "type", text });
}

/** Chooses an entry of the open QuickPick; several where it allows that, and then accepts them. */
export async function quickPick(...labels: [string, ...string[]]): Promise<void> {
  await ask({ kind: "quickPick", labels });
}

/** Fills the open input box and accepts it. */
export async function inputBox(text: string): Promise<void> {
  await ask({ kind: "inputBox", text });
}

/** Names a file in the open file dialog and accepts it. */
export async function fileDialog(path: string): Promise<void> {
  await ask({ kind: "fileDialog", path });
}

/**
 * Reloads the window. It never returns: this extension host ends, and the suite's `run()` starts again in a new
 * one, with `windowNumber` one higher.
 */
export async function reloadWindow(): Promise<never> {
  await ask({ kind: "reloadWindow" });
  throw new Error("The window was not reloaded.");
}

/** Asks the caller's own `onRequest`, for instance for what has to happen outside the extension host. */
export async function askOutside(name: string, data?: Json): Promise<Json> {
  return ask({ kind: "custom", name, ...(data !== undefined && { data }) });
}

/** Switches the colour theme and waits until the window shows it. Done inside, as it needs no hands. */
export async function setTheme(theme: Theme): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("workbench");
  if (configuration.get("colorTheme") === themes[theme]) {
    return;
  }
  const changed = new Promise<void>((resolve) => {
    const listener = vscode.window.onDidChangeActiveColorTheme(() => {
      listener.dispose();
      resolve();
    });
  });
  await configuration.update("colorTheme", themes[theme], vscode.ConfigurationTarget.Global);
  await changed;
}

async function ask(request: Request): Promise<Json> {
  const directory = sessionDirectory();
  // The time keeps the identifiers of two windows of one session apart, and in order.
  const id = `${Date.now()}-${String(++asked).padStart(4, "0")}`;
  await writeJson(sessionFiles.request(directory, id), request);
  const file = sessionFiles.answer(directory, id);
  const deadline = Date.now() + ANSWER_TIMEOUT_MS;
  while (!existsSync(file)) {
    if (Date.now() > deadline) {
      throw new Error(`Nobody answered the request: ${JSON.stringify(request)}`);
    }
    await sleep(25);
  }
  const answer = answerSchema.parse(JSON.parse(await readFile(file, "utf8")));
  await rm(file);
  if (!answer.ok) {
    throw new Error(`${request.kind}: ${answer.error}`);
  }
  return answer.value;
}
