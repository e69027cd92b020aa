import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareModels } from "../../src/evaluation/compare.js";
import type { EvaluatedRun, HostToEvaluationView } from "../../src/protocol/evaluationView.js";
import type { ResultRow, Results } from "../../src/protocol/results.js";
import { detailsOf } from "../../src/views/evaluatedRuns.js";
import { fixtureResults } from "../support/fixtureRun.js";
import { wideResults } from "../support/wideResults.js";
import { launchBrowser } from "../support/browser.js";
import { closePage, openPage, said, servePage, tell, type PageServer } from "./support/anyPage.js";
import { picture, seriousViolations } from "./support/page.js";
import { themeNames, usedThemes, type ThemeName } from "./support/themes.js";

/** Needles of the fixture, and perplexities in which the merged model lost a little, surely. */
function results(): Results {
  const needles = fixtureResults("demo");
  const shift: Readonly<Record<string, number>> = { base: 0, rope: 0.09, extended: 0.05, merged: 0.012 };
  const rows = Object.entries(shift).flatMap(([model, more]) =>
    [0, 1, 2, 3, 4].flatMap((trial) =>
      [256, 1024, 2048].map((length): ResultRow => ({
        model,
        task: "perplexity",
        length,
        depth: null,
        trial,
        promptHash: `d${String(trial)}`,
        answer: null,
        expected: null,
        score: 3 + 0.1 * trial + more + (length > 256 && model === "base" ? 1.5 : 0) + 0.001 * (trial % 2),
        tokens: 200,
      })),
    ),
  );
  return { ...needles, rows: [...needles.rows, ...rows] };
}

function run(name: string, hour: number, change: Partial<EvaluatedRun> = {}): EvaluatedRun {
  return {
    directory: `/w/.longrecipe/runs/${name}`,
    name,
    created: Date.UTC(2026, 5, 3, hour),
    model: "./model",
    beyond: 0.93,
    baseBeyond: 0.07,
    perplexityRatio: 1.012,
    benchmarks: [{ name: "RULER", score: 0.81 }],
    regressions: 0,
    hasReport: true,
    ...change,
  };
}

function state(change: Partial<HostToEvaluationView> = {}): HostToEvaluationView {
  const runs = [
    run("embedded-tuned", 14, { regressions: 1 }),
    run("embedded-alpha-0.7", 12, { beyond: 0.81 }),
    run("embedded", 9, { beyond: 0.6, perplexityRatio: 0.998 }),
  ];
  return {
    type: "state",
    trusted: true,
    runs,
    selected: runs[0]?.directory ?? null,
    summary: compareModels(results()),
    details: detailsOf(results(), 0.856),
    activities: [{ directory: "/w/e", name: "evaluate-model", text: "43 %, 26 of 60 prompts", fraction: 0.43 }],
    notices: [],
    ...change,
  };
}

let browser: Browser;
let server: PageServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), servePage("evaluation")]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function open(theme: ThemeName = "dark", width = 320, change: Partial<HostToEvaluationView> = {}): Promise<Page> {
  const page = await openPage(browser, server, theme, width);
  await tell(page, state(change));
  await page.locator("h2, .empty").first().waitFor();
  return page;
}

describe.each(themeNames)("the evaluation view in %s", (theme) => {
  it("is accessible", async () => {
    const page = await open(theme, 320, { notices: ["The results of old cannot be read; evaluate it again."] });
    await picture(page, `evaluation-${theme}`);
    for (const summary of await page.locator("summary").all()) await summary.click();
    expect(await seriousViolations(page)).toEqual([]);
    await closePage(page);
  });
});

/** An evaluation of everything. */
function wide(): Partial<HostToEvaluationView> {
  return { summary: compareModels(wideResults()), details: detailsOf(wideResults(), 0.856) };
}

describe.each(themeNames)("the view of all benchmarks in %s", (theme) => {
  it("is accessible, with everything unfolded", async () => {
    const page = await open(theme, 420, wide());
    await picture(page, `evaluation-all-${theme}`);
    for (const summary of await page.locator("summary").all()) await summary.click();
    expect(await seriousViolations(page)).toEqual([]);
    await closePage(page);
  });
});

describe("the view of all benchmarks", () => {
  it("shows RULER by length with its effective length, and what is not whole as such", async () => {
    const page = await open("dark", 420, wide());
    const ruler = page.locator("section", { has: page.getByRole("heading", { name: "RULER", exact: true }) });
    const cells = async (model: string) => ruler.locator("tr", { hasText: model }).locator("td").allTextContents();
    expect(await cells("Base")).toEqual(["90.0", "90.0", "10.0", "10.0", "1k"]);
    expect(await cells("gpt-4.1")).toEqual(["100.0", "100.0", "100.0", "100.0 *", "2k"]);
    expect(await ruler.locator(".partial").textContent()).toContain("gpt-4.1 (10)");
    await closePage(page);
  });

  it("says what is missing before any score, with the reasons", async () => {
    const page = await open("dark", 420, wide());
    await page.getByText("Not complete: 513 prompts are missing").click();
    expect(await page.locator(".missing li").allTextContents()).toEqual([
      expect.stringMatching(/gpt-4\.1 · ruler\/fwe, 4k · 10 .*503 \(overloaded\)/u),
      expect.stringContaining("not finite"),
      expect.stringMatching(/every model · longbench\/lcc · 500/u),
    ]);
    await closePage(page);
  });

  it("shows data sets and abilities by task and model, flags what is worse, marks what is partial", async () => {
    const page = await open("dark", 420, wide());
    const ability = page.locator("section", { has: page.getByRole("heading", { name: "General ability by task" }) });
    const row = async (name: string) => ability.locator("tr", { hasText: name }).locator("td").allTextContents();
    expect(await row("mmlu (acc)")).toEqual(["62.5 *", "⚠ 20.0", "95.0"]);
    expect(await row("gsm8k")).toEqual(["33.3", "33.3", "33.3"]);
    const longbench = page.locator("section", { has: page.getByRole("heading", { name: "LongBench", exact: true }) });
    expect(await longbench.locator("tbody th").allTextContents()).toEqual(["Mean", "hotpotqa", "lcc", "qasper"]);
    await closePage(page);
  });

  it("narrows by task and by model with the keyboard, and keeps that over a new state", async () => {
    const page = await open("dark", 420, wide());
    const headings = () => page.locator(".benchmark > h2").allTextContents();
    await page.getByLabel("Tasks").focus();
    await page.keyboard.type("uuid");
    expect(await headings()).toEqual(["UUIDs found"]);
    await tell(page, state({ ...wide(), activities: [] }));
    expect(await headings()).toEqual(["UUIDs found"]);
    await page.getByLabel("Tasks").fill("nothing of that kind");
    await page.getByText("No task passes the filter.").waitFor();
    await page.getByLabel("Tasks").fill("mmlu_anatomy");
    await page.getByLabel("Base", { exact: true }).focus();
    await page.keyboard.press("Space");
    expect(await page.locator(".grid thead th").allTextContents()).toEqual(["Task", "Merged", "gpt-4.1"]);
    await closePage(page);
  });

  it("asks the host to export results, and to evaluate a server", async () => {
    const page = await open("dark", 420, wide());
    for (const name of ["Export…", "Evaluate a Server…"]) await page.locator("vscode-button", { hasText: name }).click();
    expect(await said(page)).toEqual([{ type: "export", directory: "/w/.longrecipe/runs/embedded-tuned" }, { type: "evaluateServer" }]);
    await closePage(page);
  });
});

describe("the evaluation view", () => {
  it("flags what is surely worse, and nothing else", async () => {
    const page = await open();
    const merged = page.locator(".change", { hasText: "Merged" });
    expect(await merged.filter({ hasText: "perplexity" }).textContent()).toMatch(/\+1\.2 %.*5 documents.*worse: regression/s);
    expect(await merged.filter({ hasText: "needles" }).textContent()).toContain("no sure change");
    await closePage(page);
  });

  it("shows each score with its interval, as picture and as table", async () => {
    const page = await open();
    const titles = await page.locator(".benchmark").first().locator("svg title").allTextContents();
    expect(titles).toHaveLength(20);
    expect(titles).toContain("Base, 2k: 0 % (95 %: 0 % to 24 %), 12 trials");
    await page.locator("summary").first().click();
    const row = page.locator("table").first().locator("tr", { hasText: "Merged" });
    expect((await row.locator("td").allTextContents()).at(-1)).toBe("100 %");
    await closePage(page);
  });

  it("keeps an unfolded table, and the focus, over a new state", async () => {
    const page = await open();
    await page.locator("summary").first().focus();
    await page.keyboard.press("Enter");
    await tell(page, state({ activities: [] }));
    expect(await page.locator("details").first().getAttribute("open")).toBe("");
    expect(await page.evaluate<string>("document.activeElement.tagName")).toBe("SUMMARY");
    await closePage(page);
  });

  it.each(usedThemes)("chooses a run from the list and from the history in %s, by mouse and by keyboard", async (theme) => {
    const page = await open(theme);
    await page.getByLabel("Run", { exact: true }).selectOption("/w/.longrecipe/runs/embedded");
    await page.getByRole("button", { name: /embedded-alpha/ }).focus();
    await page.keyboard.press("Enter");
    expect(await said(page)).toEqual([
      { type: "choose", directory: "/w/.longrecipe/runs/embedded" },
      { type: "choose", directory: "/w/.longrecipe/runs/embedded-alpha-0.7" },
    ]);
    await closePage(page);
  });

  it.each(usedThemes)("opens report and heat map in %s, and evaluates a checkpoint", async (theme) => {
    const page = await open(theme);
    for (const name of ["Report", "Heat Map", "Evaluate a Checkpoint…"]) await page.locator("vscode-button", { hasText: name }).click();
    const directory = "/w/.longrecipe/runs/embedded-tuned";
    expect(await said(page)).toEqual([
      { type: "open", what: "report", directory },
      { type: "open", what: "dashboard", directory },
      { type: "evaluateCheckpoint" },
    ]);
    await closePage(page);
  });

  it("says how to begin where there is nothing, and offers nothing in an untrusted workspace", async () => {
    const page = await open("light", 320, { runs: [], selected: null, summary: null, details: null, activities: [], trusted: false });
    await page.getByText("No run has results yet").waitFor();
    await page.locator("vscode-button[disabled]", { hasText: "Evaluate a Checkpoint" }).click({ force: true });
    expect(await said(page)).toEqual([]);
    await picture(page, "evaluation-empty");
    await closePage(page);
  });

  it("fits a narrow side bar and a wide one", async () => {
    for (const width of [220, 700]) {
      const page = await open("dark", width);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      await picture(page, `evaluation-${String(width)}`);
      await closePage(page);
    }
  });

  it("shows names with markup as text", async () => {
    const page = await open("dark", 320, { runs: [run("<b>x</b>", 1)], selected: null });
    expect(await page.locator(".run-name").textContent()).toBe("<b>x</b>");
    await closePage(page);
  });
});
