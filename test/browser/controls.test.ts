import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useDashboard } from "./support/dashboard.js";
import { attributes, closeClean, inkOf, sent, settle, show } from "./support/page.js";
import { usedThemes } from "./support/themes.js";

const dashboard = useDashboard();

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const kept = (page: Page) => page.evaluate(() => globalThis.player.kept);

describe("buttons of the run", () => {
  it("asks for a pause, says so, and offers to resume once it is paused", async () => {
    const page = await dashboard.open();
    await button(page, "Pause").click();
    expect(await sent(page)).toEqual([{ type: "request", request: "pause" }]);
    await button(page, "Pausing…").waitFor();
    expect(await page.locator("vscode-button", { hasText: "Stop" }).getAttribute("disabled")).not.toBeNull();
    await show(page, { scene: "paused" });
    await page.locator(".badge", { hasText: "Paused" }).waitFor();
    await button(page, "Resume").click();
    expect((await sent(page)).at(-1)).toEqual({ type: "request", request: "resume" });
    expect(await page.getByRole("button", { name: "Pause" }).count()).toBe(0);
    await closeClean(page);
  });

  it("asks for a checkpoint and a stop", async () => {
    const page = await dashboard.open();
    await button(page, "Checkpoint").click();
    await button(page, "Saving…").waitFor();
    await page.evaluate(() => globalThis.player.append(3));
    await button(page, "Checkpoint").waitFor();
    await button(page, "Stop").click();
    expect(await sent(page)).toEqual([
      { type: "request", request: "checkpoint" },
      { type: "request", request: "stop" },
    ]);
    await closeClean(page);
  });

  it("does not offer what cannot be done", async () => {
    const page = await dashboard.open({ scene: "starting" });
    await page.locator("vscode-button[disabled]", { hasText: "Checkpoint" }).click({ force: true });
    expect(await sent(page)).toEqual([]);
    await show(page, { scene: "completed" });
    expect(await page.getByRole("button", { name: /Pause|Resume|Stop|^Checkpoint/ }).count()).toBe(0);
    await closeClean(page);
  });

  it("opens report, checkpoint, recipe and log", async () => {
    const page = await dashboard.open({ scene: "completed" });
    for (const name of ["Open Report", "Show Checkpoint", "Recipe", "Log"]) await button(page, name).click();
    expect(await sent(page)).toEqual(["report", "checkpoint", "recipe", "log"].map((what) => ({ type: "open", what })));
    await closeClean(page);
  });

  it.each(usedThemes)("works from the keyboard alone in %s", async (theme) => {
    const page = await dashboard.open({ theme });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual([{ type: "request", request: "pause" }]);
    await closeClean(page);
  });
});

describe("settings of the curves", () => {
  it.each(usedThemes)("shows another metric by click and by arrow key in %s, and keeps the choice", async (theme) => {
    const page = await dashboard.open({ theme });
    await page.getByRole("radio", { name: /Learning rate/ }).click();
    await settle(page);
    expect(await page.locator(".readout").first().textContent()).toContain("Learning rate 5.00e-5");
    await page.keyboard.press("ArrowRight");
    await settle(page);
    expect(await page.locator(".readout").first().textContent()).toContain("Gradient norm");
    expect(await page.getByRole("radio", { name: /Gradient norm/ }).getAttribute("aria-checked")).toBe("true");
    expect(await kept(page)).toMatchObject({ metric: "gradNorm" });
    await closeClean(page);
  });

  it("turns smoothing off and on", async () => {
    const page = await dashboard.open();
    expect(await page.locator(".readout").first().textContent()).toContain("smoothed");
    await page.getByRole("combobox", { name: "Smoothing" }).click();
    await page.getByRole("option", { name: "Off" }).click();
    await settle(page);
    expect(await page.locator(".readout").first().textContent()).not.toContain("smoothed");
    await page.getByRole("combobox", { name: "Smoothing" }).press("End");
    await settle(page);
    expect(await kept(page)).toMatchObject({ smoothing: "strong" });
    await closeClean(page);
  });

  it("changes to a logarithmic axis and to time", async () => {
    const page = await dashboard.open({ points: 2000 });
    const ticks = () => attributes(page, ".axis-y .tick", "transform");
    const linear = await ticks();
    await page.getByRole("checkbox", { name: "Log scale" }).click();
    await settle(page);
    expect(await ticks()).not.toEqual(linear);
    await page.getByRole("combobox", { name: "Axis" }).click();
    await page.getByRole("option", { name: "Time" }).click();
    await settle(page);
    expect((await page.locator(".axis-x text").allTextContents()).join(" ")).toMatch(/:\d\d/);
    expect(await inkOf(page, ".plot canvas")).toBeGreaterThan(300);
    expect(await kept(page)).toMatchObject({ log: true, axis: "time" });
    await closeClean(page);
  });
});
