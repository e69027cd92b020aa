/** One browser and one served dashboard for all tests of a file. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launchBrowser } from "../../support/browser.js";
import { startHarness } from "./harness.js";
import { openDashboard, type OpenOptions } from "./page.js";
import type { PageServer } from "./pageServer.js";

export interface Dashboard {
  readonly browser: Browser;
  readonly harness: PageServer;
  /** A page that has shown its scene. */
  open(options?: OpenOptions): Promise<Page>;
}

/** Starts both before the file's tests and ends them after. */
export function useDashboard(): Dashboard {
  let started: readonly [Browser, PageServer] | null = null;
  const both = (): readonly [Browser, PageServer] => {
    if (started === null) throw new Error("The browser is there only while tests run.");
    return started;
  };
  beforeAll(async () => {
    started = await Promise.all([launchBrowser(), startHarness()]);
  });
  afterAll(async () => {
    await Promise.all(both().map((one) => one.close()));
  });
  return {
    get browser() {
      return both()[0];
    },
    get harness() {
      return both()[1];
    },
    open: (options) => openDashboard(...both(), options),
  };
}
