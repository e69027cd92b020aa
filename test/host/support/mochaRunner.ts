/**
 * Runs mocha inside the extension host. A suite's entry module is then only:
 *
 *     export const run = () => runSpecs({ example: () => import("./example.spec.js") });
 */
import { appendFileSync, existsSync } from "node:fs";
import Mocha from "mocha";
import * as vscode from "vscode";
import * as z from "zod";
import { session, sessionDirectory } from "./driverClient.js";
import { sessionFiles, writeJson, type Results, type TestResult } from "./protocol.js";

const TEST_TIMEOUT_MS = 120_000;

/** Which window of the session this is: 1, or higher after reloads. */
export let windowNumber = 0;

/**
 * Loads the specs, runs them, and reports every result as soon as it is known.
 *
 * @param specs  functions that load the spec modules, which must happen after `describe` and `it` exist
 * @throws if a test failed; the extension host then exits with a failure as well
 */
export async function runSpecs(specs: Readonly<Record<string, () => unknown>>): Promise<void> {
  windowNumber = firstFreeWindow();
  const results: Results = { finished: false, passed: 0, failed: 0, tests: [], commands: [] };
  await save(results);
  try {
    // The base reporter prints nothing: `record` does, into the log file, which every kind of host can show.
    const reporter = Mocha.reporters.Base;
    const mocha = new Mocha({ ui: "bdd", color: false, timeout: TEST_TIMEOUT_MS, reporter });
    const { grep } = await session();
    if (grep !== undefined) {
      mocha.grep(new RegExp(grep));
    }
    for (const [name, load] of Object.entries(specs)) {
      mocha.suite.emit("pre-require", globalThis, name, mocha);
      await load();
    }
    await runMocha(mocha, results);
    if (results.tests.length === 0) {
      throw new Error("There was no test to run.");
    }
  } catch (error) {
    // Not a test: a spec that does not load, or the runner itself. It must not look like a pass.
    record(results, { title: "(running the suite)", state: "failed", error: describeError(error), ms: 0 });
  }
  results.finished = true;
  await save(results);
  log(`\n  ${results.passed} passed, ${results.failed} failed`);
  if (results.failed > 0) {
    throw new Error(`${results.failed} of ${results.tests.length} tests failed.`);
  }
}

/** Prints a line where the one who started the tests sees it. */
export function log(line: string): void {
  // Synchronous, so that the last line before a crash is not lost.
  appendFileSync(sessionFiles.log(sessionDirectory()), `${line}\n`);
}

async function runMocha(mocha: Mocha, results: Results): Promise<void> {
  // Results are saved one after the other, each behind the previous one, while mocha goes on.
  let saved = Promise.resolve();
  const add = (test: TestResult) => {
    record(results, test);
    saved = saved.then(() => save(results));
  };
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on("suite", (suite) => log(`${"  ".repeat(depth(suite))}${suite.title}`));
    runner.on("pass", (test) => add({ title: test.fullTitle(), state: "passed", ms: test.duration ?? 0 }));
    runner.on("pending", (test) => add({ title: test.fullTitle(), state: "pending", ms: 0 }));
    // Also called for a hook that failed, which is not among the tests that end.
    runner.on("fail", (test, error) => {
      add({ title: test.fullTitle(), state: "failed", error: describeError(error), ms: test.duration ?? 0 });
    });
  });
  await saved;
}

function record(results: Results, test: TestResult): void {
  results.tests.push(test);
  results.passed += test.state === "passed" ? 1 : 0;
  results.failed += test.state === "failed" ? 1 : 0;
  const mark = { passed: "✓", failed: "✗", pending: "-" }[test.state];
  log(`    ${mark} ${test.title} (${test.ms} ms)`);
  if (test.error !== undefined) {
    log(test.error.replace(/^/gm, "        "));
  }
}

function depth(suite: Mocha.Suite): number {
  return suite.parent ? depth(suite.parent) + 1 : 0;
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function firstFreeWindow(): number {
  let number = 1;
  while (existsSync(sessionFiles.window(sessionDirectory(), number))) {
    number++;
  }
  return number;
}

/** What an extension may export so that it is known which of its commands the tests call. */
const exportsSchema = z.object({ called: z.set(z.string()) });

async function save(results: Results): Promise<void> {
  results.commands = vscode.extensions.all.flatMap((extension) => {
    const known = extension.isActive ? exportsSchema.safeParse(extension.exports) : null;
    return known?.success === true ? [...known.data.called] : [];
  });
  await writeJson(sessionFiles.window(sessionDirectory(), windowNumber), results);
}
