/**
 * `npm test [-- unit worker host browser e2e]`: every part of the tests, in order, also after one has failed.
 * The last line is `N passed, N failed`; the exit code is 0 only when nothing failed.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import * as z from "zod";
import { root, run, runNode, workerPython } from "./lib.js";

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const results = join(root, "test-results");
const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");

const parts: Readonly<Record<string, () => Promise<Outcome>>> = {
  unit: () => vitestPart("unit"),
  worker: workerPart,
  host: hostPart,
  browser: () => vitestPart("browser"),
  e2e: () => vitestPart("e2e"),
};

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !(name in parts));
  if (unknown.length > 0) {
    console.error(`There is no part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}.`);
    process.exit(2);
  }
  await mkdir(results, { recursive: true });
  const python = await workerPython(true);
  // Every part uses the environment that was just made.
  process.env["LONGRECIPE_PYTHON"] ??= python;
  const outcomes: [string, Outcome, number][] = [];
  for (const [name, part] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n=== ${name}`);
    const started = Date.now();
    outcomes.push([name, await part(), (Date.now() - started) / 1000]);
  }
  console.log("");
  for (const [name, { passed, failed, skipped }, seconds] of outcomes) {
    const left = skipped > 0 ? `, ${String(skipped)} skipped` : "";
    console.log(`${name.padEnd(8)} ${String(passed)} passed, ${String(failed)} failed${left}, ${seconds.toFixed(0)} s`);
  }
  const sum = (key: keyof Outcome): number => outcomes.reduce((total, [, outcome]) => total + outcome[key], 0);
  console.log(`${String(sum("passed"))} passed, ${String(sum("failed"))} failed`);
  process.exitCode = sum("failed") === 0 ? 0 : 1;
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numFailedTestSuites: z.number(),
});

async function vitestPart(project: string): Promise<Outcome> {
  const file = join(results, `${project}.json`);
  await rm(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const { code } = await runNode(vitest, ["run", "--project", project, ...reporters]);
  const text = await textOf(file);
  if (text === null) return crashed(code);
  const report = vitestReport.parse(JSON.parse(text));
  // A file that cannot be loaded has no failed tests, but it has failed.
  const failed = report.numFailedTests > 0 ? report.numFailedTests : code === 0 ? 0 : Math.max(1, report.numFailedTestSuites);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests };
}

async function workerPart(): Promise<Outcome> {
  const file = join(results, "worker.xml");
  await rm(file, { force: true });
  const { code } = await runNode(tsx, [join(root, "scripts", "testWorker.ts"), `--junitxml=${file}`]);
  const text = await textOf(file);
  const suite = text === null ? null : /<testsuite [^>]*>/.exec(text)?.[0];
  if (!suite) return crashed(code);
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  const skipped = count("skipped");
  return { passed: count("tests") - failed - skipped, failed: failed > 0 ? failed : code === 0 ? 0 : 1, skipped };
}

async function hostPart(): Promise<Outcome> {
  const { code, output } = await run(process.execPath, [tsx, join(root, "test", "host", "run.ts")], { output: "both" });
  // One mocha run for each window, each with its own summary.
  const sum = (word: string): number =>
    [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}`, "gm"))].reduce((total, [, n]) => total + Number(n), 0);
  const failed = sum("failing");
  return { passed: sum("passing"), failed: failed > 0 ? failed : code === 0 ? 0 : 1, skipped: sum("pending") };
}

function crashed(code: number): Outcome {
  console.error(`This part ended with code ${String(code)} and left no results.`);
  return { passed: 0, failed: 1, skipped: 0 };
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

void main();
