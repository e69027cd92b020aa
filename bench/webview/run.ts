/**
 * What the dashboard costs, in headless Chromium: script time of the first paint, share of a core of a live run, frames while
 * panning. `npx tsx bench/webview/run.ts` prints the table and writes it to bench/webview/RESULTS.md.
 */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import type { CDPSession, Page } from "playwright-core";
import { startHarness } from "../../test/browser/support/harness.js";
import type { PageServer } from "../../test/browser/support/pageServer.js";
import { launchBrowser } from "../../test/support/browser.js";
import type {} from "../../webview/player/api.js";

interface Row {
  readonly what: string;
  readonly measured: string;
  readonly wanted: string;
}

async function main(): Promise<void> {
  const [browser, harness] = await Promise.all([launchBrowser(), startHarness()]);
  try {
    const open = async (): Promise<{ page: Page; session: CDPSession }> => {
      const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
      await page.goto(harness.url("dark"));
      const session = await page.context().newCDPSession(page);
      // Time on the processor, not on the clock: other work on the machine does not count.
      await session.send("Performance.enable", { timeDomain: "threadTicks" });
      return { page, session };
    };
    const first = await open();
    const rows: Row[] = [...(await firstPaint(first.page, first.session)), await liveShare(first.page, first.session)];
    await first.page.close();
    const second = await open();
    rows.push(...(await panning(second.page, second.session)), ...sizes(harness));
    const text = table(rows, `Chromium ${browser.version()}`);
    console.log(text);
    writeFileSync("bench/webview/RESULTS.md", text);
  } finally {
    await browser.close();
    await harness.close();
  }
}

/** From the snapshot's arrival to the drawn page: time in script, and in everything the page's main thread did for it. */
async function firstPaint(page: Page, session: CDPSession): Promise<Row[]> {
  await page.evaluate("globalThis.scene = { name: 'long', points: 100000, epoch: 1, now: Date.now() }; player.prepare(scene)");
  const before = await metrics(session);
  await page.evaluate(`(async () => {
    player.show(scene);
    await new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 200));
  })()`);
  const after = await metrics(session);
  const script = (after.script - before.script) * 1000;
  const task = (after.task - before.task) * 1000;
  return [
    { what: "First paint with 100,000 points: script", measured: `${script.toFixed(0)} ms`, wanted: "< 150 ms" },
    { what: "First paint with 100,000 points: all of the page's main thread", measured: `${task.toFixed(0)} ms`, wanted: "" },
  ];
}

/** Share of one core that the page's main thread uses while 20 events a second come in, over ten seconds. */
async function liveShare(page: Page, session: CDPSession): Promise<Row> {
  const events = 200;
  const before = await metrics(session);
  await page.evaluate(`new Promise((done) => {
    let left = ${String(events)};
    const timer = setInterval(() => { player.append(1); if (--left === 0) { clearInterval(timer); done(); } }, 50);
  })`);
  const after = await metrics(session);
  const share = (after.task - before.task) / (events / 20);
  return {
    what: "Live run, 20 events a second onto 100,000 points",
    measured: `${(share * 100).toFixed(1)} % of a core`,
    wanted: "< 10 %",
  };
}

/** Frames a second while a person pans over a zoomed million of points, raw and smoothed line. */
async function panning(page: Page, session: CDPSession): Promise<Row[]> {
  await page.evaluate(() => globalThis.player.show({ name: "long", points: 1_000_000, epoch: 1, now: Date.now() }));
  await page.waitForTimeout(1000);
  const plot = page.locator(".plot").first();
  await plot.focus();
  await page.keyboard.press("+");
  await page.waitForTimeout(500);
  const before = await metrics(session);
  const result = await page.evaluate<{ count: number; fps: number; worst: number }>(`(async () => {
    const plot = document.querySelector(".plot");
    const { left, top, width } = plot.getBoundingClientRect();
    const fire = (type, x) => plot.dispatchEvent(new PointerEvent(type, { clientX: left + x, clientY: top + 50, shiftKey: true, pointerId: 1, bubbles: true }));
    plot.setPointerCapture = () => undefined;
    fire("pointerdown", width / 2);
    const frames = [];
    const start = performance.now();
    let last = start;
    while (performance.now() - start < 4000) {
      fire("pointermove", width / 2 + 200 * Math.sin((performance.now() - start) / 300));
      await new Promise((done) => requestAnimationFrame(done));
      const now = performance.now();
      frames.push(now - last);
      last = now;
    }
    fire("pointerup", width / 2);
    frames.sort((a, b) => a - b);
    return { count: frames.length, fps: (1000 * frames.length) / (last - start), worst: frames[Math.floor(frames.length * 0.95)] };
  })()`);
  const after = await metrics(session);
  const measured = `${result.fps.toFixed(0)} frames/s, 95 % of them within ${result.worst.toFixed(0)} ms`;
  const cost = `${(((after.task - before.task) * 1000) / result.count).toFixed(1)} ms`;
  return [
    { what: "Pan at 1,000,000 points (two lines)", measured, wanted: ">= 50 frames/s" },
    { what: "The same: main thread a frame", measured: cost, wanted: "< 20 ms" },
  ];
}

function sizes(harness: PageServer): Row[] {
  const [js, css] = [harness.size("js"), harness.size("css")];
  const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
  return [
    { what: "Script of the page, minified", measured: kibibytes(js), wanted: "" },
    { what: "Style of the page, minified", measured: kibibytes(css), wanted: "" },
  ];
}

async function metrics(session: CDPSession): Promise<{ script: number; task: number }> {
  const { metrics: all } = await session.send("Performance.getMetrics");
  const read = (name: string): number => {
    const found = all.find((metric) => metric.name === name);
    if (found === undefined) throw new Error(`The browser does not report ${name}.`);
    return found.value;
  };
  return { script: read("ScriptDuration"), task: read("TaskDuration") };
}

/** Means of what ran on the machine beside the benchmark; above 1 a core they spoil what is measured by the clock. */
function load(): string {
  return loadavg()[0]?.toFixed(1) ?? "";
}

function table(rows: readonly Row[], browser: string): string {
  const lines = rows.map(({ what, measured, wanted }) => `| ${what} | ${measured} | ${wanted} |`);
  return `# Dashboard

\`npx tsx bench/webview/run.ts\`, 2-core x86-64 CPU, headless ${browser} without GPU; load average ${load()}.
Times are processor time of the page's main thread, frames a second are by the clock.

| | measured | wanted |
|---|---|---|
${lines.join("\n")}
`;
}

void main();
