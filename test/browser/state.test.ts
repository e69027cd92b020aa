import { describe, expect, it } from "vitest";
import { useDashboard } from "./support/dashboard.js";
import { closeClean, settle, show, shownRange } from "./support/page.js";

const dashboard = useDashboard();

describe("hidden and shown again", () => {
  it("asks for a snapshot and has zoom, metric and scale as they were", async () => {
    const page = await dashboard.open({ points: 1001 });
    await page.getByRole("radio", { name: /Tokens/ }).click();
    await page.getByRole("checkbox", { name: "Log scale" }).click();
    await page.locator(".plot").first().focus();
    await page.keyboard.press("+");
    await settle(page);
    expect(await shownRange(page)).toEqual([251, 751]);
    await page.reload();
    expect(await page.evaluate(() => globalThis.player.sent)).toEqual([{ type: "ready" }]);
    await page.getByText("Reading the run…").waitFor();
    await show(page, { points: 1200 });
    expect(await shownRange(page)).toEqual([251, 751]);
    expect(await page.getByRole("radio", { name: /Tokens/ }).getAttribute("aria-checked")).toBe("true");
    expect(await page.getByRole("checkbox", { name: "Log scale" }).getAttribute("aria-checked")).toBe("true");
    await closeClean(page);
  });

  it("takes a new snapshot in the place of the old one, without counting points twice", async () => {
    const page = await dashboard.open({ points: 100 });
    await page.evaluate(() => globalThis.player.append(20));
    await show(page, { points: 130 });
    expect(await shownRange(page)).toEqual([1, 130]);
    await closeClean(page);
  });

  it("asks again when it is told of what follows a snapshot it never got", async () => {
    const page = await dashboard.open({ points: 100 });
    await page.evaluate(() => {
      globalThis.player.send({
        type: "append",
        epoch: 99,
        run: { status: "running", fraction: 0.5, stages: [], diagnoses: [] },
        series: [],
      });
    });
    expect(await page.evaluate(() => globalThis.player.sent)).toEqual([{ type: "ready" }, { type: "ready" }]);
    await settle(page);
    expect(await shownRange(page)).toEqual([1, 100]);
    await closeClean(page);
  });
});

describe("a resumed run", () => {
  it("draws repeated steps once", async () => {
    const page = await dashboard.open({ points: 100 });
    await page.evaluate(() => {
      const column = (from: number) => Float64Array.from({ length: 30 }, (_, index) => from + index);
      const time = Float64Array.from({ length: 30 }, (_, index) => Date.now() + 600_000 + index * 400);
      const flat = new Float64Array(30).fill(2);
      const series = {
        stage: "extend",
        step: column(81),
        time,
        loss: flat,
        learningRate: flat,
        gradNorm: flat,
        tokensPerSecond: flat,
        modelFlopsUtilization: flat,
        memoryBytes: flat,
      };
      globalThis.player.send({
        type: "append",
        epoch: 1,
        run: {
          status: "running",
          fraction: 0.5,
          stages: [],
          diagnoses: [],
          currentStage: null,
          startedAt: null,
          device: null,
          error: null,
          checkpoint: null,
          updatedAt: null,
        },
        series: [series],
      });
    });
    await settle(page);
    expect(await shownRange(page)).toEqual([1, 110]);
    await closeClean(page);
  });
});

describe("what cannot be read", () => {
  it("is told in a notice, and the rest is shown", async () => {
    const page = await dashboard.open({ points: 100 });
    for (const message of [null, "text", { type: "unknown" }, { type: "append", epoch: 1 }]) {
      await page.evaluate((wrong) => globalThis.player.send(wrong), message);
    }
    await settle(page);
    expect(await page.getByRole("list", { name: "Notices" }).textContent()).toContain('could not be read: its type is "unknown"');
    expect(await page.locator("h1").textContent()).toBe("extend-tiny-2k");
    expect(await shownRange(page)).toEqual([1, 100]);
    await closeClean(page);
  });

  it("leaves out metrics whose columns do not fit together", async () => {
    const page = await dashboard.open({ points: 100 });
    await page.evaluate(() => {
      const run = {
        status: "running",
        fraction: 0.5,
        stages: [],
        diagnoses: [],
        currentStage: null,
        startedAt: null,
        device: null,
        error: null,
        checkpoint: null,
      };
      const series = { stage: "extend", step: new Float64Array(3), time: new Float64Array(2) };
      globalThis.player.send({ type: "append", epoch: 1, run, series: [series] });
    });
    await settle(page);
    expect(await page.getByRole("list", { name: "Notices" }).textContent()).toContain("Some metrics of stage extend are damaged");
    expect(await shownRange(page)).toEqual([1, 100]);
    await closeClean(page);
  });

  it("shows what the host noticed, as text", async () => {
    const markup = "<img src=x onerror=alert(1)> line 7 of events.jsonl is torn";
    const page = await dashboard.open({ notices: [markup] });
    expect(await page.getByRole("list", { name: "Notices" }).textContent()).toContain(markup);
    expect(await page.locator("img").count()).toBe(0);
    await closeClean(page);
  });
});

describe("a run that failed", () => {
  it("says what happened and what to do, and offers the log and to resume", async () => {
    const page = await dashboard.open({ scene: "failed" });
    const banner = page.getByRole("alert");
    expect(await banner.textContent()).toContain("Extend: The device ran out of memory");
    expect(await banner.textContent()).toContain("Lower training.batchSize");
    await banner.getByRole("button", { name: "Show Log" }).click();
    await page.getByRole("button", { name: "Resume" }).click();
    expect(await page.evaluate(() => globalThis.player.sent.slice(1))).toEqual([
      { type: "open", what: "log" },
      { type: "request", request: "resume" },
    ]);
    await show(page, { scene: "training" });
    expect(await page.getByRole("alert").count()).toBe(0);
    await closeClean(page);
  });
});

describe("a completed run", () => {
  it("stays completed with its results when an evaluation fails, which can be tried again, until one succeeds", async () => {
    const page = await dashboard.open({ scene: "evaluationFailed" });
    const header = page.locator("header");
    expect(await header.locator(".badge").textContent()).toBe("Completed");
    // A day passed before the second session, which took 5 s.
    expect(await header.textContent()).toMatch(/100 % · took \d+ min( \d+ s)?$/);
    await page.getByRole("region", { name: "Evaluation" }).waitFor();
    const banner = page.getByRole("alert");
    expect(await banner.textContent()).toContain("Evaluation failed: The server http://localhost:8000/v1 cannot be reached.Start it,");
    await banner.getByRole("button", { name: "Try Again" }).click();
    expect(await page.evaluate(() => globalThis.player.sent.slice(1))).toEqual([{ type: "request", request: "retry" }]);
    await show(page, { scene: "exportStopped" });
    expect(await banner.textContent()).toContain("Export of the models stopped.");
    expect(await header.locator(".badge").textContent()).toBe("Completed");
    await show(page, { scene: "completed" });
    expect(await page.getByRole("alert").count()).toBe(0);
    await closeClean(page);
  });
});

describe("before the first step", () => {
  it("says what it waits for", async () => {
    const page = await dashboard.open({ scene: "starting" });
    await page.getByText("Curves appear with the first training step. Now: significance.").waitFor();
    expect(await page.getByRole("region", { name: "Evaluation" }).count()).toBe(0);
    expect(await page.locator(".stage[aria-current=step]").textContent()).toContain("31 of 96 documents");
    await closeClean(page);
  });
});
