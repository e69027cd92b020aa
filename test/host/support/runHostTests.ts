/** Runs a mocha suite in a real extension host, desktop VS Code or code-server, and judges its result. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, parse, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { guardAgainstExit } from "../../support/guard.js";
import { killAll, MARKER, remainingProcesses, type LiveProcess } from "../../support/processes.js";
import { temporaryDirectory } from "../../support/temporary.js";
import { startCodeServerHost } from "./codeServerHost.js";
import { downloadVSCode, hasDisplay, startElectronHost } from "./electronHost.js";
import { writeSettings, type HostLaunch, type RunningHost } from "./host.js";
import { serveRequests, STATE_FLUSH_MS, type CustomRequest } from "./pageDriver.js";
import { sessionFiles, type Json, type TestResult, type Theme } from "./protocol.js";
import { createSession, readResults, type SessionDirectory } from "./session.js";

const DEFAULT_TIMEOUT_MS = 5 * 60_000;

/** Settings of one run. Only a suite and a workspace are needed. */
export interface HostTestOptions {
  /** A bundled CommonJS module that exports `run(): Promise<void>`. */
  suitePath: string;
  /** The folder opened in the window. */
  workspace: string;
  /** The extension to run from its sources. */
  extensionPath?: string;
  /** A packaged extension to install first. */
  vsix?: string;
  /** Give the same directory to a second run to come back to the state that the first one left. */
  userDataDir?: string;
  theme?: Theme;
  /** User settings besides the theme. */
  settings?: Readonly<Record<string, Json>>;
  /** False opens the workspace in restricted mode. */
  trust?: boolean;
  /** Run only tests whose title matches. */
  grep?: string;
  /** Anything for the suite's `session()`. */
  data?: Json;
  /** Answers `askOutside` of the suite. */
  onRequest?: (request: CustomRequest) => Promise<Json>;
  /** Leaves processes alone that the extension detached from itself, for a later run to find. */
  keepDetached?: boolean;
  /** Where screenshots and the logs of failures go. */
  outputDirectory?: string;
  size?: { width: number; height: number };
  /** Device pixels per pixel of the pictures. */
  scale?: number;
  timeoutMs?: number;
}

/** A suite that passed. */
export interface HostTestResult {
  passed: number;
  tests: TestResult[];
  /** The commands of the extension that the suite called, in every window. */
  commands: string[];
  /** Processes that were still alive after the window had closed; Linux only. Killed unless `keepDetached`. */
  leftBehind: LiveProcess[];
}

/**
 * Runs the suite. It counts as passed only if the host says so and the results file that the suite wrote agrees.
 *
 * @throws if a test failed, the host failed, or the time ran out. Nothing that was started is left running
 */
export async function runHostTests(options: HostTestOptions): Promise<HostTestResult> {
  const outputDirectory = resolve(options.outputDirectory ?? join("test-results", "host"));
  const grep = options.grep ?? process.env.LONGRECIPE_GREP;
  const session = await createSession(options.suitePath, {
    ...(grep !== undefined && { grep }),
    ...(options.data !== undefined && { data: options.data }),
  });
  const temporary = options.userDataDir === undefined ? await temporaryDirectory("longrecipe-user-") : undefined;
  const userDataDir = resolve(temporary?.path ?? options.userDataDir ?? "");
  // Runs in the same directory share the marker, so the last of them finds what the first one left.
  const release = guardAgainstExit("markers", userDataDir);
  try {
    await writeSettings(userDataDir, options.theme, options.settings ?? {});
    const launch: HostLaunch = {
      workspace: resolve(options.workspace),
      userDataDir,
      extensionPath: options.extensionPath === undefined ? session.emptyExtension : resolve(options.extensionPath),
      testsPath: session.entry,
      vsix: options.vsix === undefined ? undefined : resolve(options.vsix),
      trust: options.trust ?? true,
      size: options.size ?? { width: 1280, height: 800 },
      scale: options.scale ?? 1,
      env: { [MARKER]: userDataDir },
    };
    return await runSuite(launch, session, outputDirectory, options);
  } finally {
    await session.remove();
    await temporary?.remove();
    release();
  }
}

async function runSuite(
  launch: HostLaunch,
  session: SessionDirectory,
  outputDirectory: string,
  options: HostTestOptions,
): Promise<HostTestResult> {
  const done = new AbortController();
  let host: RunningHost | undefined;
  const leftBehind: LiveProcess[] = []; // filled at the very end, when the window is closed
  let keep = false;
  try {
    host = await startHost(launch);
    const { page } = host;
    const driver = serveRequests({ page, session: session.path, outputDirectory, onRequest: options.onRequest }, done.signal);
    const log = followLog(sessionFiles.log(session.path), done.signal);
    const exitCode = await Promise.race([
      host.exited,
      timeOut(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, done.signal),
      // Neither ends by itself, but either can fail.
      Promise.all([driver, log]).then(() => host?.exited ?? 1),
    ]);
    done.abort();
    await log;
    if (options.userDataDir !== undefined) {
      await sleep(STATE_FLUSH_MS); // a later run is to find the state
    }
    const judged = await judge(session, exitCode, await driver);
    keep = options.keepDetached ?? false;
    return { ...judged, leftBehind };
  } catch (error) {
    await keepEvidence(join(outputDirectory, `failure-${parse(options.suitePath).name}`), session, host);
    throw error;
  } finally {
    done.abort();
    await host?.stop();
    leftBehind.push(...(await remainingProcesses(launch.userDataDir)));
    if (!keep) {
      killAll(leftBehind);
    }
  }
}

/** Desktop VS Code where it can be had, else code-server; `LONGRECIPE_VSCODE` decides where both can. */
async function startHost(launch: HostLaunch): Promise<RunningHost> {
  const choice = process.env.LONGRECIPE_VSCODE ?? "auto";
  if (choice === "electron") {
    return startElectronHost(await downloadVSCode(), launch);
  }
  if (choice === "auto" && hasDisplay()) {
    const executable = await downloadVSCode().catch(() => undefined);
    if (executable !== undefined) {
      return startElectronHost(executable, launch);
    }
  }
  return startCodeServerHost(launch);
}

async function judge(session: SessionDirectory, exitCode: number, reloads: number): Promise<Omit<HostTestResult, "leftBehind">> {
  const windows = await readResults(session);
  const tests = windows.flatMap((window) => window.tests);
  const failed = tests.filter((test) => test.state === "failed");
  if (failed.length > 0) {
    throw new Error(`Failed: ${failed.map((test) => test.title).join("; ")}`);
  }
  if (windows.length !== reloads + 1) {
    throw new Error(`The suite ran ${windows.length} times with ${reloads} reloads: the extension host crashed, or never ran it.`);
  }
  if (!windows.at(-1)?.finished) {
    throw new Error(`The host exited with code ${exitCode} before the suite had ended.`);
  }
  if (exitCode !== 0) {
    throw new Error(`Every test passed, but the host exited with code ${exitCode}.`);
  }
  return { passed: windows.reduce((sum, window) => sum + window.passed, 0), tests, commands: windows.flatMap(({ commands }) => commands) };
}

async function timeOut(ms: number, signal: AbortSignal): Promise<never> {
  await sleep(ms, undefined, { signal, ref: false });
  throw new Error(`The suite did not end within ${Math.round(ms / 1000)} s.`);
}

/** Prints what is added to the file, and the rest of it when `signal` aborts. */
async function followLog(file: string, signal: AbortSignal): Promise<void> {
  let printed = 0;
  for (;;) {
    const last = signal.aborted;
    const text = await readFile(file, "utf8");
    process.stdout.write(text.slice(printed));
    printed = text.length;
    if (last) {
      return;
    }
    await sleep(100, undefined, { signal }).catch(() => undefined);
  }
}

/** Keeps what a failure can be understood from, as `FILE.log` and `FILE.png`, because the session's directory goes. */
async function keepEvidence(file: string, session: SessionDirectory, host: RunningHost | undefined): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const suite = await readFile(sessionFiles.log(session.path), "utf8");
  await writeFile(`${file}.log`, `${suite}\n\n${host?.log() ?? "The host did not start."}\n`);
  await host?.page.screenshot({ path: `${file}.png`, timeout: 5_000 }).catch(() => undefined);
}
