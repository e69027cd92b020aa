/** Keeps the key of a server in VS Code's secret storage, under the name that recipes give it. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { keepServerKey, serverKeyNames } from "../platform/secrets.js";
import { requireTrust } from "../platform/trust.js";
import { nameSchema } from "../protocol/name.js";

export const setServerKey: Command = async (parts, argument) => {
  requireTrust();
  const name = typeof argument === "string" && nameSchema.safeParse(argument).success ? argument : await askName(parts.context);
  if (name === undefined) return;
  const key = await vscode.window.showInputBox({
    title: vscode.l10n.t("Set Server Key"),
    prompt: vscode.l10n.t("The key {0}. It is kept by VS Code's secret storage, and goes into no recipe, log or result.", name),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (/^\s*\S+\s*$/u.test(text) ? null : vscode.l10n.t("A key is one word without spaces.")),
  });
  if (key === undefined) return;
  await keepServerKey(parts.context, name, key.trim());
  vscode.window.setStatusBarMessage(vscode.l10n.t("The key {0} is kept.", name), 5000);
};

async function askName(context: vscode.ExtensionContext): Promise<string | undefined> {
  const known = serverKeyNames(context);
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("Set Server Key"),
    prompt: vscode.l10n.t("What is the key called in recipes (`key` of a server)?"),
    ...(known.length === 0 ? { placeHolder: "openai" } : { placeHolder: vscode.l10n.t("kept already: {0}", known.join(", ")) }),
    ignoreFocusOut: true,
    validateInput: (text) =>
      nameSchema.safeParse(text.trim()).success ? null : vscode.l10n.t("Letters, digits, dot, dash and underscore only."),
  });
  return name?.trim();
}
