/** Runs the host suites, each in a window of its own: `npm run test:host [-- NAME…]`. */
import process from "node:process";
import { runHostTests } from "./support/runHostTests.js";
import { onRequest, sessions, type Session } from "./suites/sessions/index.js";

const asked = process.argv.slice(2);
const all = { ...sessions, ...onRequest };
const unknown = asked.filter((name) => !(name in all));
if (unknown.length > 0) {
  console.error(`No such session: ${unknown.join(", ")}. There are: ${Object.keys(all).join(", ")}.`);
  process.exit(2);
}

async function main(): Promise<void> {
  const failed: string[] = [];
  let passed = 0;
  for (const [name, session] of Object.entries(asked.length > 0 ? all : sessions)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n${name}`);
    const start = Date.now();
    try {
      passed += await runSession(session);
      console.log(`  ${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed.push(name);
      console.error(`  ${name} FAILED: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  // scripts/test.ts counts these: tests of sessions that passed, and sessions that did not.
  console.log(`\n  ${String(passed)} passing\n  ${String(failed.length)} failing`);
  if (failed.length > 0) {
    console.error(`\nFailed sessions: ${failed.join(", ")}`);
    process.exitCode = 1;
  }
}

/** @returns how many tests passed. */
async function runSession(session: Session): Promise<number> {
  const { options, finish } = await session();
  try {
    return (await runHostTests(options)).passed;
  } finally {
    await finish();
  }
}

void main();
