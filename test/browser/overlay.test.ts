import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useDashboard } from "./support/dashboard.js";
import { closeClean, sent, settle, show, shownRange } from "./support/page.js";

const dashboard = useDashboard();

/** Chooses runs in the list that unfolds. */
async function compare(page: Page, ...names: readonly string[]): Promise<void> {
  await page.locator("summary", { hasText: "Compare" }).click();
  for (const name of names) await page.getByRole("checkbox", { name }).click();
  await settle(page);
}

/** A loaded machine takes longer than a second to answer. */
const patient = { timeout: 20_000 };

describe("comparing runs", () => {
  it("lays their curves over this run's on the same axes, with a legend and values under the crosshair", async () => {
    const page = await dashboard.open({ points: 300 });
    await compare(page, "extend-tiny-pose", "extend-tiny-random");
    expect(await sent(page)).toEqual([
      { type: "compare", directories: ["/workspace/.longrecipe/runs/pose"] },
      { type: "compare", directories: ["/workspace/.longrecipe/runs/pose", "/workspace/.longrecipe/runs/random"] },
    ]);
    const legend = page.locator(".metrics .legend li");
    expect(await legend.allTextContents()).toEqual(["extend-tiny-pose", "extend-tiny-random", "extend-tiny-2k"]);
    await page.keyboard.press("Escape");
    await page.locator(".plot").first().focus();
    await page.keyboard.press("Home");
    expect(await page.locator(".readout").first().textContent()).toMatch(
      /^step 1 · Loss [\d.]+ · extend-tiny-2k [\d.]+ · extend-tiny-pose [\d.]+ · extend-tiny-random [\d.]+$/,
    );
    await page.getByRole("combobox", { name: "Axis" }).click();
    await page.getByRole("option", { name: "Time" }).click();
    await settle(page);
    // Runs of other days begin where this one began: the axis stays within the hour.
    const ticks = await page.locator(".metrics .axis-x text").allTextContents();
    expect(ticks.join(" ")).not.toMatch(/Mon|Tue|Wed|Thu|Fri|Sat|Sun/);
    await closeClean(page);
  });

  it("works from the keyboard, is kept over a reload, and ends when all are unchosen", async () => {
    const page = await dashboard.open({ points: 300 });
    await page.locator("summary", { hasText: "Compare" }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("Escape");
    await settle(page);
    await expect.poll(() => page.locator("summary", { hasText: "Compare" }).textContent(), patient).toBe("Compare: 1");
    await page.reload();
    await show(page, { points: 300 });
    expect(await sent(page)).toEqual([{ type: "compare", directories: ["/workspace/.longrecipe/runs/pose"] }]);
    await page.evaluate(() => globalThis.player.answer());
    await settle(page);
    expect(await page.locator(".metrics .legend li").count()).toBe(2);
    await compare(page, "extend-tiny-pose");
    expect(await page.locator(".metrics .legend").isVisible()).toBe(false);
    expect(await shownRange(page)).toEqual([1, 300]);
    await closeClean(page);
  });
});

describe("validation while training", () => {
  it("shows perplexity inside and beyond the window, and the newest needle grid; earlier ones by the slider", async () => {
    const page = await dashboard.open({ points: 380 });
    const panel = page.getByRole("region", { name: "Validation while training" });
    expect(await panel.locator(".readout").textContent()).toMatch(/^beyond W 1\d\.\d+ · inside W 9\.\d+$/);
    const slider = panel.getByRole("slider", { name: "Checkpoint of the needle grid" });
    expect(await slider.getAttribute("aria-valuetext")).toBe("Extend, step 350 (newest)");
    const cell = panel.getByRole("gridcell", { name: /^length 2048, depth 0 %/ });
    expect(await cell.getAttribute("aria-label")).toBe("length 2048, depth 0 %: 100 %");
    await slider.focus();
    await page.keyboard.press("Home");
    await settle(page);
    expect(await slider.getAttribute("aria-valuetext")).toBe("Extend, step 50");
    expect(await panel.getByRole("gridcell", { name: /^length 2048, depth 0 %/ }).getAttribute("aria-label")).not.toContain("100 %");
    expect(await panel.locator(".border text").allTextContents()).toEqual(["W", "T"]);
    await closeClean(page);
  });

  it("refreshes at a checkpoint, and is not there before the first one", async () => {
    const page = await dashboard.open({ points: 20 });
    const panel = page.getByRole("region", { name: "Validation while training" });
    expect(await panel.count()).toBe(0);
    await page.evaluate(() => globalThis.player.append(90));
    await settle(page);
    expect(await panel.getByRole("slider").getAttribute("aria-valuetext")).toBe("Extend, step 100 (newest)");
    await closeClean(page);
  });
});

describe("the log", () => {
  it("is asked for when it is unfolded, follows what is written, and shows markup as text", async () => {
    const page = await dashboard.open();
    await page.locator("summary", { hasText: "Log" }).click();
    const lines = page.getByRole("region", { name: "Last lines of the log" });
    await expect.poll(() => lines.textContent(), patient).toContain("<script>globalThis.pwned = true</script>");
    expect(await sent(page)).toEqual([{ type: "log", wanted: true }]);
    const hidden = () =>
      page.evaluate<number>(
        "(() => { const log = document.querySelector('.log-lines'); return log.scrollHeight - log.scrollTop - log.clientHeight; })()",
      );
    expect(await hidden()).toBeLessThan(2);
    await page.getByRole("checkbox", { name: "Follow" }).click();
    await settle(page);
    expect(await page.evaluate(() => globalThis.player.kept)).toMatchObject({ logOpen: true, follow: false });
    await closeClean(page);
  });
});

describe("time and cost of what remains", () => {
  it("adds the stages to come where earlier runs say how long they take, and says what it costs where a price is set", async () => {
    const page = await dashboard.open({ points: 300 });
    const text = () => page.locator(".progress-text").textContent();
    expect(await text()).toContain("left in this stage");
    expect(await text()).not.toContain("to go");
    await show(page, { points: 300, facts: { price: { perHour: 36, currency: "€" } } });
    expect(await text()).toMatch(/about \d\.\d\d € to go in this stage/);
    await show(page, {
      points: 300,
      facts: { price: { perHour: 36, currency: "€" }, expectedSeconds: { replay: 900, merge: 60, evaluate: 2640, export: 0 } },
    });
    expect(await text()).toMatch(/about 1 h( \d+ min)? in all, as earlier runs took · about 3[67]\.\d\d € to go · /);
    await closeClean(page);
  });
});

describe("warnings", () => {
  it("stand inline with their stage", async () => {
    const page = await dashboard.open();
    expect(await page.getByRole("list", { name: "Notices" }).textContent()).toContain("Samples: 12 documents are shorter than a sample");
    await closeClean(page);
  });
});
