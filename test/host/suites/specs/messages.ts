/** What the window tells and asks. Modal dialogs are not among it: VS Code refuses to open them in tests. */
import * as vscode from "vscode";
import { clickInWindow, readWindow } from "../../support/driverClient.js";
import { eventually } from "./extension.js";

/** The notifications, once one of them holds this. Read in their list: of several within a second not every one pops up. */
export function told(words: string, timeoutMs?: number): Promise<string> {
  const listed = async (): Promise<string | false> => {
    await vscode.commands.executeCommand("notifications.showList");
    const shown = await readWindow(".notifications-center");
    return shown.includes(words) && shown;
  };
  return eventually(`it is told: ${words}`, listed, timeoutMs);
}

/** Takes all notifications away. @param asked what waits for an answer to one of them */
export async function clear(asked?: Thenable<unknown>): Promise<void> {
  await vscode.commands.executeCommand("notifications.clearAll");
  await asked;
}

/** Clicks a button of the list's notifications, once it is there. */
export async function answer(button: string): Promise<void> {
  await vscode.commands.executeCommand("notifications.showList");
  await clickInWindow(`.notifications-center .monaco-button:has-text("${button}")`);
}
