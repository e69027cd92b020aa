import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useDashboard } from "./support/dashboard.js";
import { closeClean, inkOf, settle, shownRange } from "./support/page.js";
import { usedThemes } from "./support/themes.js";

const dashboard = useDashboard();

/** Drags over the chart between two shares of its width. */
async function drag(page: Page, from: number, to: number): Promise<void> {
  const box = await page.locator(".plot").first().boundingBox();
  if (box === null) throw new Error("The chart is not on the page.");
  const inner = box.width - 84;
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 60 + from * inner, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 60 + ((from + to) / 2) * inner, y, { steps: 3 });
  await page.mouse.move(box.x + 60 + to * inner, y, { steps: 3 });
  await page.mouse.up();
  await settle(page);
}

describe.each(usedThemes)("zoom in %s", (theme) => {
  it("shows the range that is dragged, pans it, and goes back on double click", async () => {
    const page = await dashboard.open({ theme, points: 1001 });
    expect(await shownRange(page)).toEqual([1, 1001]);
    await drag(page, 0.2, 0.4);
    const [from, to] = await shownRange(page);
    expect(Math.abs(from - 201)).toBeLessThan(4);
    expect(Math.abs(to - 401)).toBeLessThan(4);
    await page.keyboard.down("Shift");
    await drag(page, 0.75, 0.25);
    await page.keyboard.up("Shift");
    const panned = await shownRange(page);
    expect(Math.abs(panned[0] - from - 100)).toBeLessThan(5);
    expect(Math.abs(panned[1] - panned[0] - (to - from))).toBeLessThan(2);
    await page.locator(".plot").first().dblclick();
    await settle(page);
    expect(await shownRange(page)).toEqual([1, 1001]);
    await closeClean(page);
  });

  it("zooms about the pointer with Ctrl+wheel and leaves a plain wheel to the page", async () => {
    const page = await dashboard.open({ theme, points: 1001, height: 400 });
    await page.locator(".plot").first().hover();
    const before = await page.evaluate<number>("scrollY");
    await page.mouse.wheel(0, -40);
    await settle(page);
    expect(await page.evaluate<number>("scrollY")).toBe(before - 40);
    expect(await shownRange(page)).toEqual([1, 1001]);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -200);
    await page.keyboard.up("Control");
    await settle(page);
    const [from, to] = await shownRange(page);
    expect(Math.abs(to - from - 500)).toBeLessThan(3);
    await page.getByRole("button", { name: "Reset Zoom" }).click();
    await settle(page);
    expect(await shownRange(page)).toEqual([1, 1001]);
    await closeClean(page);
  });

  it("does all of it from the keyboard", async () => {
    const page = await dashboard.open({ theme, points: 1001 });
    await page.locator(".plot").first().focus();
    await page.keyboard.press("+");
    await settle(page);
    expect(await shownRange(page)).toEqual([251, 751]);
    await page.keyboard.press("Shift+ArrowRight");
    await settle(page);
    expect(await shownRange(page)).toEqual([301, 801]);
    await page.keyboard.press("-");
    await page.keyboard.press("Escape");
    await settle(page);
    expect(await shownRange(page)).toEqual([1, 1001]);
    await closeClean(page);
  });
});

describe.each(usedThemes)("crosshair in %s", (theme) => {
  it("reads the values under the pointer and gives the newest ones back when it leaves", async () => {
    const page = await dashboard.open({ theme, points: 101 });
    const readout = page.locator(".readout").first();
    const atRest = await readout.textContent();
    const box = await page.locator(".plot").first().boundingBox();
    await page.mouse.move((box?.x ?? 0) + 60 + ((box?.width ?? 0) - 84) / 2, (box?.y ?? 0) + 50);
    expect(await readout.textContent()).toMatch(/^step 5[012] · Loss \d\.\d+ · smoothed \d\.\d+$/);
    expect(await page.locator(".crosshair").first().getAttribute("visibility")).toBe("visible");
    await page.mouse.move(2, 2);
    expect(await readout.textContent()).toBe(atRest);
    await closeClean(page);
  });

  it("moves by arrow keys and is spoken", async () => {
    const page = await dashboard.open({ theme, points: 20 });
    await page.locator(".plot").first().focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    expect(await page.locator(".readout").first().textContent()).toMatch(/^step 2 /);
    await expect.poll(() => page.locator("[aria-live]").textContent(), { timeout: 5000 }).toMatch(/^Extend, step 2 /);
    await closeClean(page);
  });
});

describe("live", () => {
  it("follows what is appended, and holds still where a person has zoomed", async () => {
    const page = await dashboard.open({ points: 100 });
    await page.evaluate(() => globalThis.player.append(50));
    await settle(page);
    expect(await shownRange(page)).toEqual([1, 150]);
    expect(await page.locator(".stage[aria-current=step]").textContent()).toContain("150 of 400 steps");
    await drag(page, 0.1, 0.5);
    const zoomed = await shownRange(page);
    await page.evaluate(() => globalThis.player.append(50));
    await settle(page);
    expect(await shownRange(page)).toEqual(zoomed);
    await closeClean(page);
  });

  it("redraws at most ten times a second however many messages come", async () => {
    const page = await dashboard.open({ points: 100 });
    // Each chart for itself, by the time that passed: a busy machine may stretch the second.
    const { draws, seconds } = await page.evaluate<{ draws: number; seconds: number }>(`new Promise((done) => {
      const draws = new Map();
      const start = performance.now();
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        if (this.canvas.parentElement.className === "plot") draws.set(this.canvas, (draws.get(this.canvas) ?? 0) + 1);
        return clearRect.apply(this, box);
      };
      const timer = setInterval(() => player.append(1), 5);
      setTimeout(() => { clearInterval(timer); done({ draws: Math.max(...draws.values()), seconds: (performance.now() - start) / 1000 }); }, 1000);
    })`);
    expect(draws).toBeGreaterThan(3);
    expect(draws).toBeLessThanOrEqual(10 * seconds + 1);
    await closeClean(page);
  });

  it("fills the width it is given, sharply on a dense screen", async () => {
    const page = await dashboard.open({ width: 1600 });
    const measure = () =>
      page.evaluate<[number, number, number]>(
        "(() => { const c = document.querySelector('.plot canvas'); return [c.width, c.clientWidth, document.documentElement.scrollWidth - innerWidth]; })()",
      );
    const wide = await measure();
    await page.setViewportSize({ width: 400, height: 800 });
    await settle(page);
    const narrow = await measure();
    expect(narrow[1]).toBeLessThan(wide[1]);
    expect(narrow[0]).toBe(narrow[1]);
    expect(narrow[2]).toBeLessThanOrEqual(0);
    expect(await inkOf(page, ".plot canvas")).toBeGreaterThan(300);
    await closeClean(page);

    const dense = await dashboard.browser.newContext({ deviceScaleFactor: 2 });
    const other = await dense.newPage();
    await other.goto(dashboard.harness.url("light"));
    await other.evaluate(() => globalThis.player.show({ name: "training", points: 100, epoch: 1, now: Date.now() }));
    await settle(other);
    const [pixels, css] = await other.evaluate<[number, number]>(
      "(() => { const c = document.querySelector('.plot canvas'); return [c.width, c.clientWidth]; })()",
    );
    expect(pixels).toBe(2 * css);
    await dense.close();
  });
});
