import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.js";
import { startHarness, type Harness } from "./support/harness.js";
import { attributes, closeClean, openDashboard, settle } from "./support/page.js";

let browser: Browser;
let harness: Harness;
beforeAll(async () => {
  [browser, harness] = await Promise.all([launchBrowser(), startHarness()]);
});
afterAll(async () => {
  await browser.close();
  await harness.close();
});

describe("needle heat map", () => {
  it("stands side by side for the four models, window and target marked", async () => {
    const page = await openDashboard(browser, harness, { scene: "completed", width: 1600 });
    const maps = page.locator(".heatmap");
    expect(await maps.locator("h3").allTextContents()).toEqual(["Base", "Rotary scaling only", "Extended", "Merged"]);
    const tops = await Promise.all([0, 1, 2, 3].map(async (index) => (await maps.nth(index).boundingBox())?.y));
    expect(new Set(tops).size).toBe(1);
    expect(await maps.first().locator(".border text").allTextContents()).toEqual(["W", "T"]);
    expect(await maps.first().getByRole("gridcell").count()).toBe(40);
    await closeClean(page);
  });

  it("shows the answers of the cell under the pointer, as text", async () => {
    const page = await openDashboard(browser, harness, { scene: "completed" });
    await page.locator(".heatmap").first().getByRole("gridcell", { name: "length 2048, depth 0 %: 0 % of 8" }).hover();
    const details = page.locator(".cell-details");
    expect(await details.textContent()).toContain("Base · 2,048 tokens · depth 0 % · 0 of 8 right");
    expect(await details.textContent()).toContain("<img src=x onerror=alert(1)>");
    expect(await details.textContent()).toMatch(/expected \d{6}/);
    expect(await page.locator("img").count()).toBe(0);
    await closeClean(page);
  });

  it("is walked through with the arrow keys, one stop of the Tab key a map", async () => {
    const page = await openDashboard(browser, harness, { scene: "completed" });
    const map = page.locator(".heatmap").last();
    expect(await map.locator("[tabindex='0']").count()).toBe(1);
    await map.getByRole("gridcell").first().focus();
    for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"]) await page.keyboard.press(key);
    const focused = () => page.evaluate<string>("document.activeElement.getAttribute('aria-label')");
    expect(await focused()).toMatch(/^length 256, depth 25 %: \d+ % of 8$/);
    expect(await page.locator(".cell-details").textContent()).toContain("Merged · 256 tokens · depth 25 %");
    await page.keyboard.press("End");
    expect(await focused()).toMatch(/^length 2048, depth 25 %/);
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toMatch(/^length 2048, depth 25 %/);
    await closeClean(page);
  });
});

describe("tables", () => {
  it("take the pictures' place and say the same, and are kept", async () => {
    const page = await openDashboard(browser, harness, { scene: "completed" });
    await page.getByRole("checkbox", { name: "Show as tables" }).click();
    await settle(page);
    expect(await page.locator(".heatmap").count()).toBe(0);
    const table = page.getByRole("table", { name: "Needles found by length" });
    expect(await table.getByRole("columnheader").allTextContents()).toEqual([
      "Model",
      "128",
      "256",
      "384",
      "512",
      "768",
      "1,024",
      "1,536",
      "2,048",
    ]);
    expect(await table.getByRole("row", { name: /^Base/ }).getByRole("cell").last().textContent()).toBe("0 %");
    expect(await page.getByRole("table").count()).toBe(6);
    expect(await page.evaluate(() => globalThis.player.kept)).toMatchObject({ tables: true });
    await closeClean(page);
  });

  it("give perplexity inside and beyond the window", async () => {
    const page = await openDashboard(browser, harness, { scene: "completed" });
    const rows = page.getByRole("table", { name: "Perplexity by position" }).getByRole("row");
    expect(await rows.first().textContent()).toContain("Up to W (256)Beyond W");
    expect(await rows.nth(1).textContent()).toMatch(/^Base9\.8\d4\d\.\d\d/);
    await closeClean(page);
  });
});

describe("accuracy by length", () => {
  it("has a line a model, with marks of different shape and a description", async () => {
    const page = await openDashboard(browser, harness, { scene: "completed" });
    const chart = page.locator(".accuracy");
    expect(await chart.locator(".legend li").allTextContents()).toEqual(["Base", "Rotary scaling only", "Extended", "Merged"]);
    const shapes = await attributes(page, ".legend path", "d");
    expect(new Set(shapes).size).toBe(4);
    expect(await chart.getByRole("img").getAttribute("aria-label")).toContain("Base 128: 98 %");
    await closeClean(page);
  });
});
