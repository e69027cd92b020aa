import { parse } from "jsonc-parser";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formOf } from "../../src/editor/recipeFormModel.js";
import { recipeJsonSchema } from "../../src/protocol/jsonSchemas.js";
import type { EstimateView, FormProblem, FormValue } from "../../src/protocol/recipeForm.js";
import { launchBrowser } from "../support/browser.js";
import { closePage, openPage, said, servePage, tell, type PageServer } from "./support/anyPage.js";
import { picture, seriousViolations } from "./support/page.js";
import { themeNames, usedThemes, type ThemeName } from "./support/themes.js";

const text = `{ "model": "./model", "targetLength": 8192, "corpus": { "include": ["corpus"] },
  "training": { "batchSize": 8, "learningRate": 0.0005, "method": "lora" },
  "significance": { "reference": { "source": "warmup", "steps": 20 } } }`;
const recipe = parse(text) as FormValue;

const estimate: EstimateView = {
  device: "NVIDIA H100 80GB HBM3, 79.6 GiB",
  fits: "tight",
  rows: [
    {
      label: "Memory to train",
      value: "71.3 GiB",
      detail: "weights 15.1 GiB + gradients 0.2 GiB + optimizer 0.4 GiB + activations and logits 54.8 GiB",
    },
    { label: "Memory to evaluate", value: "17.2 GiB", detail: "one model with 8192 tokens of context" },
    { label: "Time", value: "about 3 h 10 min", detail: "significance 12 min + extension 2 h 40 min + evaluation 18 min" },
    { label: "Disk", value: "46.0 GiB", detail: "models and the two newest checkpoints" },
  ],
  notes: ["Time by an assumed 350 TFLOP/s; it may be off by a factor of two."],
};

let browser: Browser;
let server: PageServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), servePage("recipeForm")]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function state(page: Page, value: FormValue, problems: readonly FormProblem[] = []): Promise<void> {
  await tell(page, { type: "state", version: 1, value, problems, trusted: true });
}

async function open(theme: ThemeName = "dark", width = 1100, problems: readonly FormProblem[] = []): Promise<Page> {
  const page = await openPage(browser, server, theme, width);
  await tell(page, { type: "form", name: "smol.longrecipe.json", form: formOf(recipeJsonSchema()) });
  await state(page, recipe, problems);
  await tell(page, { type: "estimate", estimate, why: null });
  return page;
}

async function section(page: Page, name: string): Promise<void> {
  await page.locator("summary", { hasText: name }).first().click();
}

describe.each(themeNames)("the form in %s", (theme) => {
  it("is accessible, with everything unfolded and problems shown", async () => {
    const page = await open(theme, 1100, [
      { path: ["targetLength"], message: "nothing to extend: the model's window is 8192 tokens already" },
      { path: ["training", "batchsize"], message: "unknown key; did you mean `batchSize`?" },
    ]);
    await picture(page, `recipe-form-${theme}`);
    await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
    expect(await seriousViolations(page)).toEqual([]);
    await picture(page, `recipe-form-unfolded-${theme}`);
    await closePage(page);
  });
});

describe("a setting", () => {
  it("shows the recipe's value, or its default as a hint, with what it does", async () => {
    const page = await open();
    await section(page, "Training");
    const batch = page.locator("#f-training\\.batchSize");
    expect(await batch.inputValue()).toBe("8");
    const micro = page.locator("#f-training\\.microBatchSize");
    expect([await micro.inputValue(), await micro.getAttribute("placeholder")]).toEqual(["", "default: 1"]);
    expect(await page.locator("#f-training\\.microBatchSize-help").textContent()).toContain("Sequences per forward pass");
    expect(await page.locator("#f-training\\.method").inputValue()).toBe("lora");
    expect(await page.getByRole("checkbox", { name: "Gradient checkpointing" }).isChecked()).toBe(true);
    await closePage(page);
  });

  it.each(usedThemes)("is changed by typing, choosing and ticking in %s, one message each", async (theme) => {
    const page = await open(theme);
    await section(page, "Training");
    const rate = page.locator("#f-training\\.learningRate");
    await rate.fill("5e-5");
    await rate.press("Enter");
    await page.locator("#f-training\\.method").selectOption("full");
    await page.getByRole("checkbox", { name: "Gradient checkpointing" }).uncheck();
    await section(page, "Corpus");
    await page.locator("#f-corpus\\.include").fill("books\n\n notes/**/*.md ");
    await page.locator("#f-corpus\\.include").blur();
    expect(await said(page)).toEqual([
      { type: "set", path: ["training", "learningRate"], value: 5e-5 },
      { type: "set", path: ["training", "method"], value: "full" },
      { type: "set", path: ["training", "gradientCheckpointing"], value: false },
      { type: "set", path: ["corpus", "include"], value: ["books", "notes/**/*.md"] },
    ]);
    await closePage(page);
  });

  it("is followed while it is typed, and not disturbed by the answer", async () => {
    const page = await open();
    const target = page.locator("#f-targetLength");
    await target.fill("");
    await target.pressSequentially("16384", { delay: 20 });
    await expect.poll(() => said(page)).toEqual([{ type: "set", path: ["targetLength"], value: 16384 }]);
    await state(page, { ...(recipe as object), targetLength: 16384 });
    expect(await target.inputValue()).toBe("16384");
    await closePage(page);
  });

  it("refuses what is no number, and sends nothing", async () => {
    const page = await open();
    await page.locator("#f-targetLength").fill("long");
    await page.locator("#f-targetLength").blur();
    await page.locator("#f-targetLength-fault", { hasText: "A number is needed" }).waitFor();
    expect(await page.locator("#f-targetLength").getAttribute("aria-invalid")).toBe("true");
    expect(await said(page)).toEqual([]);
    await closePage(page);
  });

  it("goes back to its default", async () => {
    const page = await open();
    await section(page, "Training");
    await page
      .locator(".field", { has: page.locator("#f-training\\.batchSize") })
      .getByRole("button", { name: "Batch size: use default" })
      .click();
    expect(await said(page)).toEqual([{ type: "remove", path: ["training", "batchSize"] }]);
    await closePage(page);
  });

  it("shows an undo or a change of the text at once", async () => {
    const page = await open();
    await page.locator("#f-targetLength").focus();
    await state(page, { ...(recipe as object), targetLength: 4096 });
    expect(await page.locator("#f-targetLength").inputValue()).toBe("4096");
    await closePage(page);
  });
});

describe("alternatives", () => {
  it("bring their own settings with them", async () => {
    const page = await open();
    await section(page, "Significance");
    const source = page.locator("#u-significance\\.reference");
    expect(await source.inputValue()).toBe("warmup");
    expect(await page.locator("#f-significance\\.reference\\.steps").inputValue()).toBe("20");
    await source.selectOption("contrast");
    expect(await said(page)).toEqual([{ type: "set", path: ["significance", "reference"], value: { source: "contrast" } }]);
    await state(page, { ...(recipe as object), significance: { reference: { source: "contrast" } } }, [
      { path: ["significance", "reference", "context"], message: "is missing" },
    ]);
    await page.locator("#f-significance\\.reference\\.context-fault", { hasText: "is missing" }).waitFor();
    await closePage(page);
  });
});

describe("problems", () => {
  it("stand at their fields, open their section and hold back Run", async () => {
    const page = await open("dark", 1100, [{ path: ["training", "microBatchSize"], message: "3 does not divide batchSize (8)" }]);
    await page.locator("#f-training\\.microBatchSize-fault", { hasText: "does not divide" }).waitFor();
    expect(await page.locator("details", { has: page.locator("summary", { hasText: "Training" }) }).getAttribute("open")).toBe("");
    expect(await page.locator("vscode-button", { hasText: "Run" }).getAttribute("disabled")).not.toBeNull();
    await state(page, recipe);
    expect(await page.locator(".fault:visible").count()).toBe(0);
    await page.locator("vscode-button", { hasText: "Run" }).click();
    expect(await said(page)).toEqual([{ type: "run" }]);
    await closePage(page);
  });

  it("in JSON that cannot be read lock the form and say so", async () => {
    const page = await open();
    await state(page, null, [{ path: [], message: "not valid JSON: property expected" }]);
    await page.getByText("The text is not valid JSON").waitFor();
    await page.getByText("property expected").waitFor();
    expect(await page.locator("main").getAttribute("inert")).toBe("");
    await closePage(page);
  });

  it("and other shapes than the form knows lead to the JSON", async () => {
    const page = await open();
    await state(page, { ...(recipe as object), training: "all" }, [{ path: ["training"], message: "must be an object" }]);
    const training = page.locator("details", { has: page.locator("summary", { hasText: "Training" }) });
    await training.getByText("must be an object").waitFor();
    await training.getByRole("button", { name: "Edit in the JSON" }).first().click();
    expect(await said(page)).toEqual([{ type: "openText", path: ["training"] }]);
    await closePage(page);
  });
});

it("text with markup shows as text", async () => {
  const page = await open();
  await state(page, { ...(recipe as object), model: "<img src=x onerror=alert(1)>" }, [
    { path: ["model"], message: "there is no folder <script>alert(1)</script>" },
  ]);
  await page.getByText("<script>alert(1)</script>").waitFor();
  expect(await page.locator("img").count()).toBe(0);
  await closePage(page);
});

it("fits a narrow editor", async () => {
  const page = await open("light", 420);
  expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  await picture(page, "recipe-form-narrow");
  await closePage(page);
});

it("speaks the person's language", async () => {
  const german = await servePage("recipeForm", { "Open JSON": "JSON öffnen" });
  const page = await openPage(browser, german, "dark", 800);
  await page.locator("vscode-button", { hasText: "JSON öffnen" }).waitFor();
  await closePage(page);
  await german.close();
});
