import { describe, expect, it } from "vitest";
import { useDashboard } from "./support/dashboard.js";
import { closeClean, inkOf, picture, seriousViolations, settle, shownRange } from "./support/page.js";
import { themeNames } from "./support/themes.js";
import type { Scene } from "../../webview/player/scenes.js";

const dashboard = useDashboard();

const scenes: readonly Scene["name"][] = ["starting", "training", "paused", "failed", "completed", "evaluationFailed", "exportStopped"];

describe.each(themeNames)("in %s", (theme) => {
  it.each(scenes)("is accessible: %s", async (scene) => {
    const page = await dashboard.open({ theme, scene });
    expect(await seriousViolations(page)).toEqual([]);
    await picture(page, `dashboard-${scene}-${theme}`);
    await closeClean(page);
  });

  it("fits 400 and 1600 pixels", async () => {
    for (const width of [400, 1600]) {
      const page = await dashboard.open({ theme, scene: "completed", width });
      expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      expect(await seriousViolations(page)).toEqual([]);
      await picture(page, `dashboard-${String(width)}-${theme}`);
      await closeClean(page);
    }
  });

  it("stays accessible while a person zooms, compares runs, looks at differences and reads the log", async () => {
    const page = await dashboard.open({ theme, scene: "completed", points: 400, width: 1400 });
    const plot = page.locator(".plot").first();
    const box = await plot.boundingBox();
    const [left, middle] = [(box?.x ?? 0) + 160, (box?.y ?? 0) + (box?.height ?? 0) / 2];
    await page.mouse.move(left, middle);
    await page.mouse.down();
    await page.mouse.move(left + 160, middle, { steps: 4 });
    await page.mouse.up();
    await plot.focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("checkbox", { name: "Difference to base" }).click();
    await page.locator("summary", { hasText: "Log" }).click();
    await settle(page);
    await page.locator(".heatmaps .cell").nth(7).click();
    await page.locator("summary", { hasText: "Compare" }).click();
    await page.getByRole("checkbox", { name: "extend-tiny-pose" }).click();
    await settle(page);
    const [from, to] = await shownRange(page);
    expect(to - from).toBeLessThan(300);
    expect(await seriousViolations(page)).toEqual([]);
    await picture(page, `dashboard-used-${theme}`);
    await closeClean(page);
  });

  it("has no serious violation with tables shown", async () => {
    const page = await dashboard.open({ theme, scene: "completed" });
    await page.getByRole("checkbox", { name: "Show as tables" }).click();
    await settle(page);
    expect(await seriousViolations(page)).toEqual([]);
    await closeClean(page);
  });
});

it("would see a violation if there were one", async () => {
  const page = await dashboard.open();
  await page.evaluate("document.querySelector('h1').append(document.createElement('button'))");
  expect((await seriousViolations(page)).join()).toContain("button-name");
  await closeClean(page);
});

describe("a change of theme", () => {
  it("is drawn at once, on canvas and in SVG", async () => {
    const page = await dashboard.open({ theme: "dark", scene: "completed" });
    const cell = page.locator(".heatmaps .cell rect").last();
    const [before, ink] = [await cell.getAttribute("fill"), await inkOf(page, ".plot canvas")];
    await page.evaluate("applyTheme('light')");
    await settle(page);
    expect(await page.locator(".heatmaps .cell rect").last().getAttribute("fill")).not.toBe(before);
    expect(await inkOf(page, ".plot canvas")).toBeGreaterThan(ink / 2);
    expect(await page.evaluate<string>("getComputedStyle(document.querySelector('h1')).color")).toBe("rgb(59, 59, 59)");
    await closeClean(page);
  });

  it("holds still for whoever wants less motion, and keeps its bar in forced colours", async () => {
    const page = await dashboard.open();
    const animation = () => page.evaluate<string>("getComputedStyle(document.querySelector('.icon-running')).animationName");
    expect(await animation()).toBe("turn");
    await page.emulateMedia({ reducedMotion: "reduce", forcedColors: "active" });
    expect(await animation()).toBe("none");
    await settle(page);
    await picture(page, "dashboard-training-forced-colors");
    await closeClean(page);
  });

  it("shows where the focus is", async () => {
    const page = await dashboard.open({ theme: "hcDark" });
    await page.locator(".plot").first().focus();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    expect(await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await closeClean(page);
  });
});
