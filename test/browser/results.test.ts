import { describe, expect, it } from "vitest";
import { useDashboard } from "./support/dashboard.js";
import { attributes, closeClean, sent, settle } from "./support/page.js";
import { usedThemes } from "./support/themes.js";

const dashboard = useDashboard();

/** A loaded machine takes longer than a second to answer. */
const patient = { timeout: 20_000 };

describe("needle heat map", () => {
  it("stands side by side for the four models, window and target marked", async () => {
    const page = await dashboard.open({ scene: "completed", width: 1600 });
    const maps = page.locator(".heatmaps .heatmap");
    expect(await maps.locator("h3").allTextContents()).toEqual(["Base", "Rotary scaling only", "Extended", "Merged"]);
    const tops = await Promise.all([0, 1, 2, 3].map(async (index) => (await maps.nth(index).boundingBox())?.y));
    expect(new Set(tops).size).toBe(1);
    expect(await maps.first().locator(".border text").allTextContents()).toEqual(["W", "T"]);
    expect(await maps.first().getByRole("gridcell").count()).toBe(40);
    await closeClean(page);
  });

  it("shows the answers of the cell under the pointer, as text", async () => {
    const page = await dashboard.open({ scene: "completed" });
    await page.locator(".heatmaps .heatmap").first().getByRole("gridcell", { name: "length 2048, depth 0 %: 0 % of 8" }).hover();
    const details = page.locator(".cell-details");
    expect(await details.textContent()).toContain("Base · 2,048 tokens · depth 0 % · 0 of 8 right");
    expect(await details.textContent()).toContain("<img src=x onerror=alert(1)>");
    expect(await details.textContent()).toMatch(/expected \d{6}/);
    expect(await page.locator("img").count()).toBe(0);
    await closeClean(page);
  });
});

describe.each(usedThemes)("a heat map in %s", (theme) => {
  it("is walked through with the arrow keys, one stop of the Tab key a map", async () => {
    const page = await dashboard.open({ theme, scene: "completed" });
    const map = page.locator(".heatmaps .heatmap").last();
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

  it("opens the prompt of a cell by click and by Enter, and holds its answers so that their prompts can be opened too", async () => {
    const page = await dashboard.open({ theme, scene: "completed" });
    const map = page.locator(".heatmaps .heatmap").first();
    await map.getByRole("gridcell", { name: /^length 2048, depth 0 %/ }).click();
    const details = page.getByRole("region", { name: "Answers" });
    await map.getByRole("gridcell", { name: /^length 128, depth 0 %/ }).hover();
    expect(await details.textContent()).toContain("Base · 2,048 tokens · depth 0 % · 0 of 8 right");
    await details.getByRole("button", { name: "Open prompt 3" }).click();
    await map.getByRole("gridcell", { name: /^length 512, depth 50 %/ }).focus();
    await page.keyboard.press("Enter");
    const asked = (await sent(page)) as { type: string; promptHash: string }[];
    expect(asked.map(({ type, promptHash }) => [type, promptHash.replace(/-\d$/, "")])).toEqual([
      ["prompt", "2048-0"],
      ["prompt", "2048-0"],
      ["prompt", "512-0.5"],
    ]);
    expect(asked[1]?.promptHash).toBe("2048-0-2");
    await closeClean(page);
  });
});

describe("differences", () => {
  it("show every model against the base, with signs, in pictures and tables, and are kept", async () => {
    const page = await dashboard.open({ scene: "completed" });
    await page.getByRole("checkbox", { name: "Difference to base" }).click();
    await settle(page);
    const maps = page.locator(".heatmaps .heatmap");
    expect(await maps.locator("h3").allTextContents()).toEqual(["Rotary scaling only − base", "Extended − base", "Merged − base"]);
    expect(
      await maps
        .last()
        .getByRole("gridcell", { name: /^length 2048, depth 100 %/ })
        .getAttribute("aria-label"),
    ).toMatch(/\+\d+ % of 8$/);
    await page.getByRole("checkbox", { name: "Show as tables" }).click();
    await settle(page);
    const table = page.getByRole("table", { name: "Merged − base: needles found by depth and length" });
    expect(await table.getByRole("cell").last().textContent()).toMatch(/^\+\d+$/);
    expect(await page.evaluate(() => globalThis.player.kept)).toMatchObject({ difference: true, tables: true });
    await closeClean(page);
  });
});

describe("saving the heat maps", () => {
  it("gives a table, a picture that needs no style sheet, and its pixels", async () => {
    const page = await dashboard.open({ scene: "completed" });
    const group = page.getByRole("group", { name: "Save the heat maps" });
    for (const format of ["CSV", "SVG", "PNG"]) await group.getByRole("button", { name: format }).click();
    await expect.poll(async () => (await sent(page)).length, patient).toBe(3);
    const [csv, svg, png] = (await sent(page)) as { format: string; name: string; data: string | Uint8Array }[];
    const lines = String(csv?.data).trim().split("\n");
    expect(lines[0]).toBe("picture,model,length,depth,value,trials,low,high");
    expect(lines.length).toBe(1 + 4 * 8 * 5);
    expect(lines[1]).toMatch(/^Base,base,128,0,[\d.]+,8,[\d.]+,[\d.]+$/);
    expect(svg?.name).toBe("extend-tiny-2k-needle");
    expect(String(svg?.data)).toMatch(/^<svg [^]*Merged[^]*<\/svg>$/);
    expect(String(svg?.data)).not.toMatch(/class=|var\(/);
    expect([...(png?.data as Uint8Array).subarray(1, 4)]).toEqual([0x50, 0x4e, 0x47]);
    await closeClean(page);
  });
});

describe("tables", () => {
  it("take the pictures' place and say the same, and are kept", async () => {
    const page = await dashboard.open({ scene: "completed" });
    await page.getByRole("checkbox", { name: "Show as tables" }).click();
    await settle(page);
    expect(await page.locator(".heatmaps .heatmap").count()).toBe(0);
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
    const page = await dashboard.open({ scene: "completed" });
    const rows = page.getByRole("table", { name: "Perplexity by position" }).getByRole("row");
    expect(await rows.first().textContent()).toContain("Up to W (256)Beyond W");
    expect(await rows.nth(1).textContent()).toMatch(/^Base9\.8\d4\d\.\d\d/);
    await closeClean(page);
  });
});

describe("accuracy by length", () => {
  it("has a line a model, with marks of different shape and a description", async () => {
    const page = await dashboard.open({ scene: "completed" });
    const chart = page.locator(".accuracy");
    expect(await chart.locator(".legend li").allTextContents()).toEqual(["Base", "Rotary scaling only", "Extended", "Merged"]);
    const shapes = await attributes(page, ".legend path", "d");
    expect(new Set(shapes).size).toBe(4);
    expect(await chart.getByRole("img").getAttribute("aria-label")).toContain("Base 128: 98 %");
    await closeClean(page);
  });
});
