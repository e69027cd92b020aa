/** Makes the directory that a suite and its runner share, and reads what the suite left there. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { temporaryDirectory, type TemporaryDirectory } from "../../support/temporary.js";
import { resultsSchema, SESSION_VARIABLE, sessionFiles, writeJson, type Results, type Session } from "./protocol.js";

/** A session directory and the two generated modules in it. */
export interface SessionDirectory extends TemporaryDirectory {
  /** To be given to the host as the module with the tests. */
  entry: string;
  /** An extension that does nothing: no host runs tests without an extension under development. */
  emptyExtension: string;
}

/** Creates a session for the suite, a bundled CommonJS module that exports `run(): Promise<void>`. */
export async function createSession(suitePath: string, session: Session): Promise<SessionDirectory> {
  const { path, remove } = await temporaryDirectory("longrecipe-host-");
  await mkdir(sessionFiles.turns(path));
  await writeJson(sessionFiles.session(path), session);
  await writeFile(sessionFiles.log(path), "");

  // The host loads this module instead of the suite: the one way to tell the suite something in every host.
  const entry = join(path, "entry.cjs");
  await writeFile(
    entry,
    `process.env[${JSON.stringify(SESSION_VARIABLE)}] = ${JSON.stringify(path)};\n` +
      `exports.run = () => require(${JSON.stringify(resolve(suitePath))}).run();\n`,
  );

  const emptyExtension = join(path, "empty-extension");
  await mkdir(emptyExtension);
  const manifest = { name: "empty", publisher: "tests", version: "0.0.0", engines: { vscode: "*" } };
  await writeFile(join(emptyExtension, "package.json"), JSON.stringify(manifest));

  return { path, entry, emptyExtension, remove };
}

/** The results of every window that ran the suite, in order; more than one if it was reloaded. */
export async function readResults(session: SessionDirectory): Promise<Results[]> {
  const windows: Results[] = [];
  for (;;) {
    const file = sessionFiles.window(session.path, windows.length + 1);
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) {
      return windows;
    }
    windows.push(resultsSchema.parse(JSON.parse(text)));
  }
}
