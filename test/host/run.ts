/** Runs the host suites, each in a window of its own: `npm run test:host [-- NAME…]`. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import * as z from "zod";
import { runHostTests, type HostTestResult } from "./support/runHostTests.js";
import { onRequest, sessions, type Session } from "./suites/sessions/index.js";

const asked = process.argv.slice(2);
const all = { ...sessions, ...onRequest };
const unknown = asked.filter((name) => !(name in all));
if (unknown.length > 0) {
  console.error(`No such session: ${unknown.join(", ")}. There are: ${Object.keys(all).join(", ")}.`);
  process.exit(2);
}

const manifestSchema = z.object({ contributes: z.object({ commands: z.array(z.object({ command: z.string() })) }) });

async function main(): Promise<void> {
  const failed: string[] = [];
  const called = new Set<string>();
  let passed = 0;
  for (const [name, session] of Object.entries(asked.length > 0 ? all : sessions)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n${name}`);
    const start = Date.now();
    try {
      const result = await runSession(session);
      passed += result.passed;
      for (const command of result.commands) called.add(command);
      const commands = new Set(result.commands).size;
      console.log(`  ${name}: ${((Date.now() - start) / 1000).toFixed(1)} s, ${String(commands)} commands called`);
    } catch (error) {
      failed.push(name);
      console.error(`  ${name} FAILED: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  // A suite that failed has perhaps not come to all of its commands.
  if (asked.length === 0 && failed.length === 0) {
    const { contributes } = manifestSchema.parse(JSON.parse(await readFile("package.json", "utf8")));
    const untested = contributes.commands.map(({ command }) => command).filter((command) => !called.has(command));
    if (untested.length > 0) failed.push(`commands that no test calls: ${untested.join(", ")}`);
  }
  // scripts/test.ts counts these: tests of sessions that passed, and what failed: sessions, commands.
  console.log(`\n  ${String(passed)} passing\n  ${String(failed.length)} failing`);
  if (failed.length > 0) {
    console.error(`\nFailed: ${failed.join("; ")}`);
    process.exitCode = 1;
  }
}

async function runSession(session: Session): Promise<HostTestResult> {
  const { options, finish } = await session();
  try {
    return await runHostTests(options);
  } finally {
    await finish();
  }
}

void main();
