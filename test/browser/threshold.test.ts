import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ThresholdState } from "../../src/protocol/thresholdView.js";
import { launchBrowser } from "../support/browser.js";
import { closePage, openPage, said, servePage, tell, type PageServer } from "./support/anyPage.js";
import { picture, seriousViolations } from "./support/page.js";
import { themeNames, usedThemes, type ThemeName } from "./support/themes.js";

function state(change: Partial<ThresholdState> = {}): ThresholdState {
  return {
    type: "state",
    enabled: true,
    share: 0.2,
    least: 0.05,
    most: 0.5,
    file: "<b>0001</b>.txt",
    status: "",
    warning: false,
    source: "Run embedded",
    histogram: { from: -3, to: 6, counts: Array.from({ length: 60 }, (_, at) => 10_000 / (1 + (at - 20) ** 2)) },
    thresholds: Array.from({ length: 46 }, (_, at) => 3 - at / 15),
    counts: { tokens: 1263, impactful: 280 },
    ownShare: 0.1,
    ...change,
  };
}

let browser: Browser;
let server: PageServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), servePage("threshold")]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function open(theme: ThemeName = "dark", change: Partial<ThresholdState> = {}): Promise<Page> {
  const page = await openPage(browser, server, theme, 300);
  await tell(page, state(change));
  await page.locator("main > :visible").first().waitFor();
  return page;
}

describe.each(themeNames)("the threshold view in %s", (theme) => {
  it("is accessible", async () => {
    const page = await open(theme, { status: "Scores are stale: rescore", warning: true });
    await picture(page, `threshold-${theme}`);
    expect(await seriousViolations(page)).toEqual([]);
    await closePage(page);
  });
});

describe("the threshold view", () => {
  it.each(usedThemes)("is moved by keyboard in %s, shows at once what that means, and is dragged", async (theme) => {
    const page = await open(theme);
    const slider = page.getByLabel(/Top 20 % of the tokens/);
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await page.getByLabel(/Top 21 % of the tokens/).waitFor();
    expect(await page.getByText("from 1.93 up").count()).toBe(1);
    await expect.poll(() => said(page)).toEqual([{ type: "share", share: 0.21 }]);
    const box = (await page.locator(".slider").boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    // It is not moved back by an older state meanwhile.
    await tell(page, state());
    expect(await page.locator("label").textContent()).not.toContain("20 %");
    await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await page.getByLabel(/Top 50 % of the tokens/).waitFor();
    await expect.poll(async () => (await said(page)).at(-1)).toEqual({ type: "share", share: 0.5 });
    expect(await seriousViolations(page)).toEqual([]);
    await closePage(page);
  });

  it("keeps a choice that is on its way when an older state comes in between", async () => {
    const page = await open();
    // At once: before the frame in which the host is told.
    await page.evaluate(`
      const slider = document.querySelector(".slider");
      slider.value = "50";
      slider.dispatchEvent(new Event("input"));
      window.dispatchEvent(new MessageEvent("message", { data: ${JSON.stringify(state())} }));
    `);
    await expect.poll(() => said(page)).toEqual([{ type: "share", share: 0.5 }]);
    await closePage(page);
  });

  it("offers the run's own share, and takes it", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Back to the run's own 10 %" }).click();
    await expect.poll(() => said(page)).toEqual([{ type: "share", share: 0.1 }]);
    await closePage(page);
  });

  it("shows the file's name as text, whatever is in it, and its counts", async () => {
    const page = await open();
    expect(await page.locator(".counts").textContent()).toBe("<b>0001</b>.txt: 280 of 1,263 tokens are impactful");
    await closePage(page);
  });

  it("offers to be turned on, and its commands", async () => {
    const page = await open("dark", { enabled: false });
    expect(await page.locator(".slider").isVisible()).toBe(false);
    await page.getByRole("button", { name: "Turn On" }).click();
    await tell(page, state());
    for (const name of ["Previous", "Next", "Why Kept?", "Export…", "Change…", "Turn off"])
      await page.getByRole("button", { name, exact: true }).click();
    expect((await said(page)).map((message) => (message as { what: string }).what)).toEqual([
      "toggle",
      "previous",
      "next",
      "why",
      "export",
      "choose",
      "toggle",
    ]);
    await closePage(page);
  });

  it("does without scores, without a file, and with what is no message", async () => {
    const page = await open("dark", { file: null, histogram: null, thresholds: [], counts: null, ownShare: null });
    expect(await page.locator(".notice").textContent()).toBe("Open a text file to see its impactful tokens.");
    expect(await page.locator("svg").isVisible()).toBe(false);
    await tell(page, { type: "state", share: "much" });
    expect(await page.locator(".slider").isVisible()).toBe(true);
    await closePage(page);
  });
});
