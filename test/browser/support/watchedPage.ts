/** A page that is watched: an exception, a console error or a policy violation on it fails the test. */
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import type { PageServer } from "./pageServer.js";
import type { ThemeName } from "./themes.js";

const faults = new WeakMap<Page, string[]>();

export async function openWatched(
  browser: Browser,
  server: Pick<PageServer, "url">,
  theme: ThemeName,
  width: number,
  height: number,
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height } });
  const seen: string[] = [];
  faults.set(page, seen);
  page.on("pageerror", (error) => seen.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") seen.push(message.text());
  });
  await page.goto(server.url(theme));
  return page;
}

/** Closes a page and fails for whatever went wrong on it. @param violations expression for what the host's script saw of the policy */
export async function closeWatched(page: Page, violations: string): Promise<void> {
  const violated = await page.evaluate<string[]>(violations);
  await page.close();
  expect([...(faults.get(page) ?? []), ...violated]).toEqual([]);
}
