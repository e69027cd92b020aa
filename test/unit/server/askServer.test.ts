/** Servers that work, and servers in every state they are found in; real HTTP over the loopback. */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { UserError } from "../../../src/protocol/errors.js";
import { serverSchema } from "../../../src/protocol/recipe/models.js";
import { askServer, type AskServerOptions } from "../../../src/runner/server/askServer.js";
import type { ServerAnswers, ServerQuestion } from "../../../src/runner/server/question.js";
import { Interrupted } from "../../../src/runner/stage.js";
import { temporaryDirectory } from "../../support/temporary.js";
import { completion, failure, fakeServer, json, type Answerer, type FakeServer } from "./fakeServer.js";

const key = "sk-not-to-be-seen-anywhere";
const open: FakeServer[] = [];
const directory = await temporaryDirectory("server-");
afterAll(directory.remove);
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

let files = 0;
const newFile = (): string => join(directory.path, String(files++), "answers.jsonl");

async function serve(answer: Answerer): Promise<FakeServer> {
  const server = await fakeServer(answer);
  open.push(server);
  return server;
}

const question = (prompt: number, more: Partial<ServerQuestion> = {}): ServerQuestion => ({
  prompt,
  task: "ruler/vt",
  length: 4096,
  text: `question ${String(prompt)}`,
  maxNewTokens: 16,
  stop: ["\n"],
  ...more,
});
const questions = (count: number): ServerQuestion[] => Array.from({ length: count }, (_, prompt) => question(prompt));

interface Setting {
  readonly url: string;
  readonly answers?: string;
  readonly server?: Readonly<Record<string, unknown>>;
  readonly options?: Partial<AskServerOptions>;
}

function ask({ url, answers, server, options }: Setting, asked: readonly ServerQuestion[]): Promise<ServerAnswers> {
  return askServer(serverSchema.parse({ url, model: "m", retries: 2, ...server }), asked, {
    model: "theirs",
    answers: answers ?? newFile(),
    key: undefined,
    checkpoint: () => undefined,
    backoffMs: 2,
    ...options,
  });
}

async function faultOf(asking: Promise<unknown>): Promise<UserError> {
  const error: unknown = await asking.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UserError)) throw new Error(`no UserError but ${String(error)}`);
  return error;
}

describe("a server that works", () => {
  it("gets greedy requests, so many at a time, and its answers end at the stop strings", async () => {
    const server = await serve(async ({ body }, response) => {
      await new Promise((resolve) => setTimeout(resolve, 15));
      completion(response, ` ${body.prompt ?? ""}!\nand more`);
    });
    const { answers, failed } = await ask({ url: `${server.url}/`, server: { concurrency: 3 } }, [
      ...questions(11),
      question(11, { answerPrefix: " Answer:", stop: ["1", "2", "3", "4", "<end>"] }),
    ]);
    expect(failed.size).toBe(0);
    expect(answers.get(3)).toBe(" question 3!");
    expect(answers.get(11)).toBe(" question ");
    expect(server.most()).toBe(3);
    expect(server.asked[0]).toMatchObject({
      path: "/v1/completions",
      body: { model: "m", prompt: "question 0", temperature: 0, seed: 0, max_tokens: 16, stop: ["\n"] },
    });
    expect(server.asked.at(-1)?.body).toMatchObject({ prompt: "question 11 Answer:", stop: ["1", "2", "3", "4"] });
    expect(server.asked[0]?.headers.authorization).toBeUndefined();
  });

  it("is asked as a chat, with the key in the header, in the words that it understands", async () => {
    const notices: string[] = [];
    const server = await serve(({ body }, response) => {
      const refuse = (param: string): void => failure(response, 400, { message: `Unsupported parameter: '${param}'`, param });
      if (body.max_tokens !== undefined) refuse("max_tokens");
      else if (body.temperature !== undefined) refuse("temperature");
      else json(response, { choices: [{ message: { role: "assistant", content: "17" }, finish_reason: "stop" }] });
    });
    const options = { key, onNotice: (notice: string) => void notices.push(notice) };
    const { answers } = await ask({ url: server.url, server: { api: "chat", concurrency: 1 }, options }, questions(2));
    expect([...answers.values()]).toEqual(["17", "17"]);
    // Two refusals are learnt from once.
    expect(server.asked).toHaveLength(4);
    expect(server.asked[3]).toMatchObject({
      path: "/v1/chat/completions",
      body: { messages: [{ role: "user", content: "question 1" }], max_completion_tokens: 16 },
    });
    expect(server.asked[3]?.headers.authorization).toBe(`Bearer ${key}`);
    expect(notices).toEqual([expect.stringContaining("not greedy")]);
  });

  it("is not asked again for what it answered before the evaluation was cut off", async () => {
    const server = await serve(({ body }, response) => completion(response, body.prompt ?? ""));
    const file = newFile();
    const setting = { url: server.url, answers: file, server: { concurrency: 1 } };
    let looks = 0;
    const checkpoint = (): void => {
      if (++looks > 1) throw new Interrupted("pause");
    };
    const slow = await serve(async ({ body }, response) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      completion(response, body.prompt ?? "");
    });
    await expect(ask({ ...setting, url: slow.url, options: { checkpoint } }, questions(50))).rejects.toThrow(Interrupted);
    const kept = (await readFile(file, "utf8")).trim().split("\n").length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(50);
    // A line that was being written when the process was killed.
    await appendFile(file, '{"hash":"cut o');
    const before = slow.asked.length;
    const { answers } = await ask({ ...setting, url: slow.url }, questions(12));
    expect(answers.size).toBe(12);
    expect(slow.asked.length - before).toBe(12 - kept);
    // Another server's answers are its own.
    await ask(setting, questions(2));
    expect(server.asked).toHaveLength(2);
  });
});

describe("a server with faults", () => {
  it("is tried again where a fault may pass, after the time it asks for", async () => {
    const server = await serve((_, response, nth) => {
      if (nth === 0) json(response, { error: { message: "slow down" } }, 429, { "retry-after-ms": "120" });
      else if (nth === 1) json(response, { error: "overloaded" }, 503);
      else completion(response, "late");
    });
    const start = performance.now();
    const { answers } = await ask({ url: server.url }, questions(1));
    expect(answers.get(0)).toBe("late");
    expect(performance.now() - start).toBeGreaterThan(115);
  });

  // Each of them is met by one prompt; all others are answered.
  const faults: readonly (readonly [string, Answerer, RegExp, number])[] = [
    ["5xx", (_, response) => failure(response, 500, { message: "worker died" }), /answered 500 \(worker died\) \(tried 3 times\)/u, 3],
    [
      "an HTML page",
      (_, response) => void response.setHeader("content-type", "text/html").end("<html><h1>Login</h1>"),
      /a web page instead of JSON \(Login\)/u,
      3,
    ],
    ["cut JSON", (_, response) => void response.setHeader("content-type", "application/json").end('{"choices":[{'), /not JSON/u, 3],
    ["no choices", (_, response) => json(response, { choices: [] }), /has no choices/u, 3],
    ["another form", (_, response) => json(response, { hello: 1 }), /not of the expected form/u, 3],
    ["no text", (_, response) => completion(response, null), /has no text/u, 3],
    ["an empty text without an end", (_, response) => completion(response, "", null), /is empty/u, 3],
    ["nothing but reasoning", (_, response) => completion(response, "", "length"), /spent all its tokens/u, 1],
    ["an error with status 200", (_, response) => json(response, { error: { message: "CUDA" } }), /answered with an error \(CUDA\)/u, 3],
    ["a broken connection", (_, response) => void response.destroy(), /connection broke off/u, 3],
    [
      "a prompt too long",
      (_, response) => failure(response, 400, { message: "This model's maximum context length is 2048 tokens." }),
      /too long for it.*2048/u,
      1,
    ],
    ["silence", () => undefined, /no answer within 1 s/u, 1],
  ];
  it.each(faults)("leaves out the one prompt that meets %s, and says why", async (_, fault, reason, tries) => {
    const server = await serve((asked, response, nth) =>
      asked.body.prompt === "question 2" ? fault(asked, response, nth) : completion(response, "fine"),
    );
    const { answers, failed } = await ask({ url: server.url, server: { timeoutSeconds: 1 } }, questions(5));
    expect([...answers.keys()].sort()).toEqual([0, 1, 3, 4]);
    expect([...failed.keys()]).toEqual([2]);
    expect(failed.get(2)).toMatch(/^ruler\/vt, prompt 2 \(4,096 tokens\): /u);
    expect(failed.get(2)).toMatch(reason);
    expect(server.asked.filter(({ body }) => body.prompt === "question 2")).toHaveLength(tries);
  });

  it("is not sent what its window cannot hold; a model that says nothing has answered", async () => {
    const server = await serve((_, response) => completion(response, ""));
    const { answers, failed } = await ask({ url: server.url, server: { window: 4100 } }, [question(0), question(1, { tokens: 4000 })]);
    expect(failed.get(0)).toMatch(/takes 4,112 tokens, and the server's window has 4,100/u);
    expect(answers).toEqual(new Map([[1, ""]]));
    expect(server.asked).toHaveLength(1);
  });
});

describe("a server that fails as a whole", () => {
  it.each([
    [401, { message: `Incorrect API key provided: ${key}` }, "server-key", 3],
    [404, { message: "The model `m` does not exist" }, "server-not-found", 3],
    [500, { message: "no GPU" }, "server-broken", 30],
  ])("that answers every request with %i ends the asking with one fault", async (status, error, code, requests) => {
    const server = await serve((_, response) => failure(response, status, error));
    const fault = await faultOf(ask({ url: server.url, server: { concurrency: 1, key: "k" }, options: { key } }, questions(40)));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain("ruler/vt, prompt");
    expect(server.asked).toHaveLength(requests);
    expect(`${fault.message} ${fault.remedy} ${fault.stack ?? ""}`).not.toContain(key);
  });

  it("that does not run is told as such", async () => {
    const server = await serve((_, response) => completion(response, "x"));
    await server.close();
    open.length = 0;
    const fault = await faultOf(ask({ url: server.url }, questions(40)));
    expect(fault.code).toBe("server-unreachable");
    expect(fault.message).toContain("connection refused");
    expect(fault.remedy).toContain("Start the server");
  });

  it("keeps what it answered before it died", async () => {
    const file = newFile();
    const server = await serve(({ body }, response) => completion(response, body.prompt ?? ""));
    const setting = { url: server.url, answers: file, server: { concurrency: 2 }, options: { key } };
    await ask(setting, questions(5));
    await server.close();
    open.length = 0;
    const fault = await faultOf(ask(setting, questions(40)));
    expect(fault.message).toContain("answers no longer");
    expect(fault.message).toContain("5 answers are kept");
    expect(await readFile(file, "utf8")).not.toContain(key);
  });
});
