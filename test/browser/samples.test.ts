import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HostToInspector } from "../../src/protocol/sampleInspector.js";
import { launchBrowser } from "../support/browser.js";
import { closePage, openPage, said, servePage, type PageServer } from "./support/anyPage.js";
import { picture, seriousViolations } from "./support/page.js";
import { inspectorSnapshot, madeSample } from "./support/sampleMessages.js";
import { themeNames, usedThemes, type ThemeName } from "./support/themes.js";

declare const host: { send(message: unknown): void; readonly state: unknown };

let browser: Browser;
let server: PageServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), servePage("samples")]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function tell(page: Page, message: HostToInspector): Promise<void> {
  await page.evaluate((sent) => host.send(sent), message);
  await page.waitForTimeout(150);
}

async function open(theme: ThemeName = "dark", width = 1200): Promise<Page> {
  const page = await openPage(browser, server, theme, width);
  await tell(page, inspectorSnapshot(madeSample("extend", 3)));
  return page;
}

/** Texts under the highlight of a name. */
function highlighted(page: Page, name: string): Promise<string[]> {
  return page.evaluate<string[]>(`[...CSS.highlights.get(${JSON.stringify(name)}) ?? []].map(String)`);
}

/** A loaded machine takes longer than a second to answer. */
const patient = { timeout: 20_000 };

describe.each(themeNames)("in %s", (theme) => {
  it("is accessible, wide and narrow", async () => {
    for (const width of [1200, 420]) {
      const page = await open(theme, width);
      expect(await seriousViolations(page)).toEqual([]);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      await picture(page, `samples-${String(width)}-${theme}`);
      await closePage(page);
    }
  });
});

describe("the text", () => {
  it("is the sample's own, whatever stands in it, with impactful tokens tinted at the right characters", async () => {
    const page = await open();
    const sample = madeSample("extend", 3);
    const shown = (await page.locator(".segment-text").allTextContents()).join("");
    expect(shown).toBe(sample.text);
    expect(await page.locator("img").count()).toBe(0);
    const tinted = (await Promise.all([1, 2, 3, 4].map((level) => highlighted(page, `anchor-${String(level)}`)))).flat().sort();
    const impactful = Array.from(sample.score.keys()).filter((token) => (sample.score[token] ?? 0) >= 1);
    expect(tinted).toEqual(impactful.map((token) => sample.text.slice(sample.starts[token], sample.ends[token])).sort());
    expect((await highlighted(page, "anchor-4")).some((text) => /\d/.test(text))).toBe(true);
    await closePage(page);
  });

  it("says position, token and significance under pointer and arrow keys", async () => {
    const page = await open();
    const readout = page.locator(".readout");
    const box = await page.locator(".segment-text").first().boundingBox();
    await page.mouse.move((box?.x ?? 0) + 12, (box?.y ?? 0) + 8);
    expect(await readout.textContent()).toMatch(/^Position \d+ · token \d+ ".+" · segment 1 · significance/);
    await page.locator(".sample-text").focus();
    await page.keyboard.press("Home");
    expect(await readout.textContent()).toMatch(/^Position 0 · token 1 /);
    await page.keyboard.press("PageDown");
    expect(await readout.textContent()).toMatch(/ · segment 2 · /);
    expect((await highlighted(page, "token")).length).toBe(1);
    await closePage(page);
  });
});

describe.each(usedThemes)("the ruler in %s", (theme) => {
  it("goes from segment to segment by keys and by click, and zooms by keys and wheel", async () => {
    const page = await open(theme);
    const ruler = page.getByRole("slider", { name: "Segments of the sample" });
    await ruler.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await ruler.getAttribute("aria-valuenow")).toBe("3");
    expect(await page.locator(".segment.chosen").count()).toBe(1);
    await expect
      .poll(() => ruler.getAttribute("aria-valuetext"), patient)
      .toMatch(/^Segment 3 of 24: positions [\d,]+ to [\d,]+, after a skip of \d+$/);
    const ticks = () => page.locator(".ruler .axis text").allTextContents();
    const whole = await ticks();
    await page.keyboard.press("+");
    await page.waitForTimeout(100);
    expect(await ticks()).not.toEqual(whole);
    await page.keyboard.press("0");
    await page.waitForTimeout(100);
    expect(await ticks()).toEqual(whole);
    const box = await ruler.boundingBox();
    await page.mouse.click((box?.x ?? 0) + 20, (box?.y ?? 0) + 45);
    await page.waitForTimeout(100);
    expect(await ruler.getAttribute("aria-valuenow")).toBe("1");
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -200);
    await page.keyboard.up("Control");
    await page.waitForTimeout(100);
    expect(await ticks()).not.toEqual(whole);
    expect(await seriousViolations(page)).toEqual([]);
    await closePage(page);
  });

  it("tells what was skipped, and which distances the sample trains", async () => {
    const page = await open(theme);
    const sample = madeSample("extend", 3);
    const box = await page.locator(".ruler").boundingBox();
    const second = sample.segments[1] ?? 0;
    const skipped = ((sample.positions[second - 1] ?? 0) + (sample.positions[second] ?? 0)) / 2;
    const inner = (box?.width ?? 0) - 32;
    await page.mouse.move((box?.x ?? 0) + 16 + (skipped / 2048) * inner, (box?.y ?? 0) + 45);
    expect(await page.locator(".readout").textContent()).toMatch(/: skipped$/);
    const count = sample.positions.length;
    const label = await page.getByRole("img", { name: /pairs of tokens/ }).getAttribute("aria-label");
    expect(label).toContain(`${((count * (count - 1)) / 2).toLocaleString("en-US")} pairs of tokens by their distance`);
    await closePage(page);
  });
});

describe.each(usedThemes)("the picker in %s", (theme) => {
  it("asks for a number, the next one, any one and a text, and keeps what is shown", async () => {
    const page = await open(theme);
    const number = page.getByRole("textbox", { name: "Sample" });
    await number.fill("41");
    await number.press("Enter");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "Random" }).click();
    const search = page.getByRole("textbox", { name: "Find text" });
    await search.fill("LIGHTHOUSE");
    await search.press("Enter");
    await page.getByRole("combobox", { name: "For" }).click();
    await page.getByRole("option", { name: "Replay" }).click();
    await page.locator(".link").first().click();
    expect(await said(page)).toEqual([
      { type: "pick", set: "extend", sample: 40 },
      { type: "pick", set: "extend", sample: 4 },
      { type: "random", set: "extend" },
      { type: "search", set: "extend", text: "LIGHTHOUSE", after: 3 },
      { type: "pick", set: "replay", sample: 0 },
      { type: "open", path: "corpus/harbour.txt", offset: 1200 },
    ]);
    await tell(page, { type: "sample", sample: madeSample("extend", 9), notices: [], query: "LIGHTHOUSE" });
    expect(await highlighted(page, "found")).toEqual(["lighthouse"]);
    expect(await page.locator(".segment.chosen").textContent()).toContain("lighthouse");
    expect(await page.evaluate(() => host.state)).toMatchObject({ set: "extend", sample: 9 });
    await closePage(page);
  });
});

describe("what cannot be shown", () => {
  it("is told, and the rest stays", async () => {
    const page = await open();
    await tell(page, { type: "notice", text: '<b>No sample holds "x".</b>' });
    expect(await page.getByRole("status", { name: "Notices" }).textContent()).toBe('<b>No sample holds "x".</b>');
    await page.evaluate("host.send({ type: 'sample', sample: { set: 'extend' } })");
    expect(await page.getByRole("status", { name: "Notices" }).textContent()).toContain("its sample is damaged");
    expect(await page.locator(".segment").count()).toBe(24);
    const bare = {
      ...madeSample("replay", 0),
      text: "",
      starts: new Int32Array(),
      ends: new Int32Array(),
      score: new Float32Array(),
      sources: [],
    };
    await tell(page, { type: "sample", sample: bare, notices: ["Where their text comes from is not recorded."], query: null });
    expect(await page.locator(".sample-text").isVisible()).toBe(false);
    expect(await page.locator(".meta").textContent()).toContain("tokens in 24 segments");
    await closePage(page);
  });
});
