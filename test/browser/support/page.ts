/** Opens the dashboard in a real browser and keeps watch: an exception, a console error or a policy violation fails the test. */
import { mkdirSync } from "node:fs";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import type {} from "../../../webview/player/api.js";
import type { RunFacts } from "../../../src/protocol/dashboard.js";
import type { Scene } from "../../../webview/player/scenes.js";
import type { PageServer } from "./pageServer.js";
import type { ThemeName } from "./themes.js";
import { closeWatched, openWatched } from "./watchedPage.js";

export interface OpenOptions {
  readonly theme?: ThemeName;
  readonly scene?: Scene["name"];
  readonly points?: number;
  readonly width?: number;
  readonly height?: number;
  readonly notices?: readonly string[];
  readonly facts?: Partial<RunFacts>;
}

/** A page that has shown its scene. */
export async function openDashboard(browser: Browser, harness: PageServer, options: OpenOptions = {}): Promise<Page> {
  const page = await openWatched(browser, harness, options.theme ?? "dark", options.width ?? 1200, options.height ?? 800);
  await show(page, options);
  return page;
}

/** Sends a scene's snapshot and waits until it is drawn. */
export async function show(page: Page, { scene = "training", points = 248, notices = [], facts = {} }: OpenOptions): Promise<void> {
  await page.evaluate((wanted) => globalThis.player.show(wanted), { name: scene, points, epoch: 1, now: Date.now(), notices, facts });
  await page.locator("h1", { hasText: "extend-tiny-2k" }).waitFor();
  await settle(page);
}

/** Waits for the redraw that is due: at most a tenth of a second and a frame. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate("new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 130))");
}

/** Closes a page and fails for whatever went wrong on it. */
export function closeClean(page: Page): Promise<void> {
  return closeWatched(page, "player.violations");
}

/** What the page has sent to the host since it was loaded, without its `ready`. */
export async function sent(page: Page): Promise<unknown[]> {
  return page.evaluate(() => globalThis.player.sent.filter(({ type }) => type !== "ready"));
}

/** Rule, impact and place of what axe holds to be serious or critical. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate<axe.AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} (${impact ?? ""}) ${target.join(" ")}: ${failureSummary ?? ""}`),
    );
}

/** Keeps a picture among the build's artefacts. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync("test-results/browser", { recursive: true });
  await page.screenshot({ path: `test-results/browser/${name}.png`, fullPage: true });
}

/** Ends of the shown part of a chart's x axis, as its description gives them. */
export async function shownRange(page: Page, chart = 0): Promise<[number, number]> {
  const label = (await page.locator(".plot").nth(chart).getAttribute("aria-label")) ?? "";
  const match = /step ([\d,]+) to step ([\d,]+)/.exec(label);
  if (match === null) throw new Error(`No range in "${label}".`);
  return [Number(match[1]?.replaceAll(",", "")), Number(match[2]?.replaceAll(",", ""))];
}

/** An attribute of every element that a selector finds. */
export async function attributes(page: Page, selector: string, name: string): Promise<(string | null)[]> {
  const all = await page.locator(selector).all();
  return Promise.all(all.map((one) => one.getAttribute(name)));
}

/** Count of pixels of a chart's canvas that hold its first colour, so that a test sees the line and not only its label. */
export async function inkOf(page: Page, selector: string): Promise<number> {
  return page.evaluate<number>(`(() => {
    const drawn = document.querySelector(${JSON.stringify(selector)});
    const { width, height } = drawn;
    // Read from a copy: reading back from the page's own canvas would change how the browser keeps it.
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(drawn, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 128 && data[i + 2] > data[i] + 60) count += 1;
    return count;
  })()`);
}
