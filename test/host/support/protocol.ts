/**
 * What passes between a suite, inside the extension host, and the process outside that runs it: the one place
 * where both sides' files and messages are defined.
 *
 * The two share a session directory:
 *
 *     session.json              what the suite has to know, written before the host starts
 *     window-1.json             results of the first window; a reload makes a second window with its own
 *     suite.log                 what the suite prints, shown live outside
 *     turns/ID.request.json     the suite asks for something only the outside can do …
 *     turns/ID.answer.json      … and goes on when the answer is there
 *
 * Files, because they work in any host, local or remote; and the name of the directory reaches the suite through
 * its generated entry module (see session.ts), because environment variables do not reach every host.
 */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

/** Environment variable through which the entry module tells the suite its session directory. */
export const SESSION_VARIABLE = "LONGRECIPE_HOST_SESSION";

export const themes = {
  light: "Default Light Modern",
  dark: "Default Dark Modern",
  "high-contrast": "Default High Contrast",
  "high-contrast-light": "Default High Contrast Light",
} as const;

export type Theme = keyof typeof themes;

export const sessionSchema = z.object({
  grep: z.string().optional().describe("Run only the tests whose full title matches this regular expression."),
  data: z.json().optional().describe("Anything the caller wants its suite to know."),
});

export type Session = z.infer<typeof sessionSchema>;

export const testSchema = z.object({
  title: z.string(),
  state: z.enum(["passed", "failed", "pending"]),
  error: z.string().optional(),
  ms: z.number(),
});

export const resultsSchema = z.object({
  finished: z.boolean().describe("False until the suite has run to its end."),
  passed: z.int(),
  failed: z.int(),
  tests: z.array(testSchema),
  commands: z.array(z.string()).describe("What the suite called of the extension under test."),
});

export type TestResult = z.infer<typeof testSchema>;
export type Results = z.infer<typeof resultsSchema>;

const selector = z.string().describe("A Playwright selector, CSS for the most part.");

/** What a suite can ask for. "Webview" is any visible one that shows the selector. */
export const requestSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("screenshot"), name: z.string().regex(/^[\w.-]+$/), of: z.string().optional() }),
  z.object({ kind: z.literal("clickInWebview"), selector }),
  z.object({ kind: z.literal("readWebview"), selector }),
  z.object({ kind: z.literal("evaluateInWebview"), selector, expression: z.string() }),
  z.object({ kind: z.literal("clickInWindow"), selector }),
  z.object({ kind: z.literal("readWindow"), selector }),
  z.object({ kind: z.literal("press"), key: z.string() }),
  z.object({ kind: z.literal("type"), text: z.string() }),
  z.object({ kind: z.literal("quickPick"), labels: z.array(z.string()).min(1) }),
  z.object({ kind: z.literal("inputBox"), text: z.string() }),
  z.object({ kind: z.literal("fileDialog"), path: z.string() }),
  z.object({ kind: z.literal("reloadWindow") }),
  z.object({ kind: z.literal("custom"), name: z.string(), data: z.json().optional() }),
]);

export type Request = z.infer<typeof requestSchema>;
export type Json = z.infer<ReturnType<typeof z.json>>;

export const answerSchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: z.json() }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

export type Answer = z.infer<typeof answerSchema>;

/** Names of the files in a session directory. */
export const sessionFiles = {
  session: (directory: string) => join(directory, "session.json"),
  log: (directory: string) => join(directory, "suite.log"),
  window: (directory: string, number: number) => join(directory, `window-${number}.json`),
  turns: (directory: string) => join(directory, "turns"),
  request: (directory: string, id: string) => join(directory, "turns", `${id}.request.json`),
  answer: (directory: string, id: string) => join(directory, "turns", `${id}.answer.json`),
} as const;

/** Writes a file so that a reader polling for it never sees half of it. */
export async function writeJson(file: string, value: Session | Results | Request | Answer): Promise<void> {
  const partial = `${file}.partial`;
  await writeFile(partial, JSON.stringify(value));
  await rename(partial, file);
}
