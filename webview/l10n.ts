/**
 * Gives VS Code's l10n library the translations that the host put into the page; without any, texts stay as they are written.
 * Imported for its effect before anything that shows text.
 */
import * as l10n from "@vscode/l10n";

const content = document.querySelector<HTMLMetaElement>('meta[name="longrecipe-l10n"]')?.content;
if (content !== undefined && content !== "") l10n.config({ contents: content });
