/** Pictures of a webview in light, dark and both high contrasts, as people see it. */
import { readWebview, screenshot, setTheme } from "../../support/driverClient.js";
import { eventually } from "./extension.js";

/** The dark one last: it is the one that the tests run in. */
const order = ["light", "high-contrast", "high-contrast-light", "dark"] as const;

/**
 * Keeps a picture of the window in each theme, `NAME-THEME.png`.
 * @param selector shows the webview
 * @param words what it must show each time: a change of theme may not cost anything that was there
 */
export async function inEveryTheme(name: string, selector: string, words: string): Promise<void> {
  for (const theme of order) {
    await setTheme(theme);
    await eventually(`the page shows "${words}" in ${theme}`, async () => (await readWebview(selector)).includes(words));
    await screenshot(`${name}-${theme}`);
  }
}
