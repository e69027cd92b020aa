/** The window's side of the turn-taking: does, with Playwright, what the suite asks for through files. */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Locator, Page } from "playwright-core";
import * as z from "zod";
import { requestSchema, sessionFiles, writeJson, type Answer, type Json, type Request } from "./protocol.js";

const POLL_MS = 25;
const ACTION_TIMEOUT_MS = 20_000;

/** The web workbench writes stored state (mementos) to the browser's database with a delay; closing loses the rest. */
export const STATE_FLUSH_MS = 1_000;

const REQUEST_FILE = /^(.+)\.request\.json$/;

const QUICK_INPUT = ".quick-input-widget:visible";

export type CustomRequest = Extract<Request, { kind: "custom" }>;

/** What the driver serves, and with what. */
export interface DriverOptions {
  page: Page;
  session: string;
  /** Where screenshots go. */
  outputDirectory: string;
  onRequest?: ((request: CustomRequest) => Promise<Json>) | undefined;
}

/** Serves requests, one after the other, until `signal` aborts. Resolves to the number of reloads it made. */
export async function serveRequests(options: DriverOptions, signal: AbortSignal): Promise<number> {
  const turns = sessionFiles.turns(options.session);
  let reloads = 0;
  while (!signal.aborted) {
    const ids = (await readdir(turns)).flatMap((name) => REQUEST_FILE.exec(name)?.[1] ?? []).sort();
    for (const id of ids) {
      const file = sessionFiles.request(options.session, id);
      const request = requestSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
      await rm(file);
      if (request.success && request.data.kind === "reloadWindow") {
        reloads++;
        await sleep(STATE_FLUSH_MS);
        await options.page.reload();
        continue; // whoever asked is gone
      }
      const answer = await (request.success ? attempt(() => perform(request.data, options)) : attempt(() => Promise.reject(request.error)));
      await writeJson(sessionFiles.answer(options.session, id), answer);
    }
    await sleep(POLL_MS);
  }
  return reloads;
}

async function attempt(action: () => Promise<unknown>): Promise<Answer> {
  try {
    return { ok: true, value: z.json().parse((await action()) ?? null) };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

async function perform(request: Request, options: DriverOptions): Promise<unknown> {
  const { page } = options;
  const timeout = ACTION_TIMEOUT_MS;
  switch (request.kind) {
    case "screenshot":
      return takeScreenshot(options, request.name, request.of);
    case "clickInWebview":
      return (await inWebview(page, request.selector)).click({ timeout });
    case "readWebview":
      return (await inWebview(page, request.selector)).innerText({ timeout });
    case "evaluateInWebview":
      return (await inWebview(page, request.selector)).evaluate(request.expression);
    case "clickInWindow":
      return page.locator(request.selector).first().click({ timeout });
    case "readWindow":
      return page.locator(request.selector).first().innerText({ timeout });
    case "press":
      return page.keyboard.press(request.key);
    case "type":
      return page.keyboard.type(request.text);
    case "quickPick":
      return chooseFromQuickPick(page, request.labels);
    case "inputBox":
      await page.locator(`${QUICK_INPUT} .quick-input-box input`).fill(request.text, { timeout });
      return page.keyboard.press("Enter");
    case "fileDialog":
      return nameInFileDialog(page, request.path);
    case "custom":
      if (!options.onRequest) {
        throw new Error(`runHostTests was given no onRequest to answer “${request.name}”.`);
      }
      return options.onRequest(request);
    case "reloadWindow":
      throw new Error("Reloads are made where requests are read.");
  }
}

async function takeScreenshot({ page, outputDirectory }: DriverOptions, name: string, of?: string): Promise<void> {
  await mkdir(outputDirectory, { recursive: true });
  const options = { path: join(outputDirectory, `${name}.png`), animations: "disabled", caret: "hide" } as const;
  await (of === undefined ? page.screenshot(options) : page.locator(of).first().screenshot(options));
}

/**
 * Waits for a webview that shows the selector. A window may hold several webviews, also hidden ones, each an
 * iframe in an iframe; which one is meant follows from what it shows.
 */
async function inWebview(page: Page, selector: string): Promise<Locator> {
  const deadline = Date.now() + ACTION_TIMEOUT_MS;
  do {
    for (const outer of await page.locator("iframe.webview.ready").all()) {
      const found = outer.contentFrame().frameLocator("iframe#active-frame").locator(selector).first();
      if ((await outer.isVisible()) && (await found.isVisible())) {
        return found;
      }
    }
    await sleep(100);
  } while (Date.now() < deadline);
  throw new Error(`No visible webview shows “${selector}”.`);
}

/** The dialog proposes a name in its own time, and takes none while it looks it up: both are tried until it is gone. */
async function nameInFileDialog(page: Page, path: string): Promise<void> {
  const widget = page.locator(QUICK_INPUT);
  const accept = widget.locator(".quick-input-action").getByText("OK", { exact: true });
  const name = widget.locator(".quick-input-box input");
  await accept.waitFor({ timeout: ACTION_TIMEOUT_MS });
  for (const deadline = Date.now() + ACTION_TIMEOUT_MS; (await widget.count()) > 0;) {
    if (Date.now() > deadline) throw new Error(`The file dialog does not take ${path}.`);
    // It may go at any moment.
    const typed = await name.inputValue({ timeout: 1000 }).catch(() => null);
    const step = async (): Promise<void> => {
      if (typed === path) await accept.click({ timeout: 1000 });
      else if (typed !== null && typed !== "") await name.fill(path, { timeout: 1000 });
    };
    await step().catch(() => undefined);
    await sleep(250);
  }
}

async function chooseFromQuickPick(page: Page, labels: readonly string[]): Promise<void> {
  const widget = page.locator(QUICK_INPUT);
  const filter = widget.locator(".quick-input-filter input.input");
  await filter.waitFor({ timeout: ACTION_TIMEOUT_MS });
  for (const label of labels) {
    const name = widget.locator(".quick-input-list .monaco-list-row .label-name").getByText(label, { exact: true });
    // Only the rows on screen exist; filtering brings the others there.
    if (!(await name.first().isVisible())) {
      await filter.fill(label, { timeout: ACTION_TIMEOUT_MS });
    }
    await name.first().click({ timeout: ACTION_TIMEOUT_MS });
  }
  // Where several may be chosen a click only ticks the entry, and this button accepts them.
  const accept = widget.locator(".quick-input-action").getByText("OK", { exact: true });
  if (await accept.isVisible()) {
    await accept.click({ timeout: ACTION_TIMEOUT_MS });
  }
}
