/** LooGLE's further metrics from the files to the rows: real WordNet files (a cut), a real server on the loopback as judge. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { csvResults } from "../../../src/evaluation/export/csv.js";
import { exportCells } from "../../../src/evaluation/export/cells.js";
import { judgePrompt, verdictOf } from "../../../src/evaluation/metrics/judge.js";
import { wordNetFiles } from "../../../src/evaluation/metrics/wordNet.js";
import { scoreGrids } from "../../../src/evaluation/scoreGrids.js";
import { textTables } from "../../../src/evaluation/textTables.js";
import { exitCode, UserError } from "../../../src/protocol/errors.js";
import { evaluationSchema } from "../../../src/protocol/recipe/evaluation.js";
import { longBenchSchema } from "../../../src/protocol/recipe/longbench.js";
import type { EventPayload } from "../../../src/protocol/events.js";
import { neededKeys } from "../../../src/runner/server/key.js";
import type { JobRequest } from "../../../src/runner/stage.js";
import { evaluateStage } from "../../../src/runner/stages/evaluate.js";
import { evaluationFiles } from "../../../src/runner/stages/files.js";
import { evaluateModels, type Evaluated } from "../../../src/runner/stages/evaluation/evaluateModels.js";
import { longBenchInputs } from "../../../src/runner/stages/evaluation/longBenchTask.js";
import { findWordNet, usualPlaces } from "../../../src/runner/stages/evaluation/wordNetFolder.js";
import { readAll } from "../../../src/runner/tables/reader.js";
import { writeTable } from "../../../src/runner/tables/writer.js";
import { temporaryDirectory } from "../../support/temporary.js";
import { completion, failure, fakeServer, type Answerer, type FakeServer } from "../server/fakeServer.js";
import { FakeWorker } from "./fakeWorker.js";

const cut = join(import.meta.dirname, "..", "evaluation", "longbench", "wordnet");
const directory = await temporaryDirectory("loogle-");
afterAll(directory.remove);
const open: FakeServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

let folder = "";
let number = 0;
beforeEach(async () => {
  folder = join(directory.path, String(number++));
  await mkdir(join(folder, "stage"), { recursive: true });
  const record = (question: string, answer: string) => ({ context: "A story.", question, answer });
  const questions = [record("Who came?", "the physician"), record("Is it so?", "no"), record("Where?", "Paris")];
  await writeFile(join(folder, "shortdep_qa.jsonl"), questions.map((one) => JSON.stringify(one)).join("\n"));
  await writeFile(join(folder, "longdep_summarization.jsonl"), JSON.stringify({ context: "A paper.", question: null, answer: "no more" }));
});

async function serve(answer: Answerer): Promise<FakeServer> {
  const server = await fakeServer(answer);
  open.push(server);
  return server;
}

/** Says " no" to everything, and has a BERTScore for every pair. */
async function run(job: JobRequest, jobs: JobRequest[]): Promise<void> {
  jobs.push(job);
  if (job.kind !== "bertscore") return worker.run(job);
  if (job.model.endsWith("absent")) throw new UserError("model-missing", "The model does not exist.", "Correct it.", exitCode.badInput);
  const pairs = await readAll(job.pairs, "textPairs");
  await writeTable(job.output, "textScores", async (writer) => {
    for (const { pair, candidate, reference } of pairs) {
      const precision = candidate.trim() === reference ? 1 : 0.5;
      await writer.append({ pair, precision, recall: 0.25, f1: precision / 2 });
    }
  });
}
const worker = new FakeWorker();

interface Outcome extends Evaluated {
  readonly jobs: JobRequest[];
  readonly events: EventPayload[];
}

async function evaluate(settings: Readonly<Record<string, unknown>>): Promise<Outcome> {
  const jobs: JobRequest[] = [];
  const events: EventPayload[] = [];
  const off = { enabled: false };
  const evaluation = evaluationSchema.parse({
    needle: off,
    perplexity: off,
    longBench: [{ format: "loogle", path: ".", ...settings }],
  });
  const evaluated = await evaluateModels(
    {
      directory: join(folder, "stage"),
      recipeDirectory: folder,
      emit: (event) => events.push(event),
      runJob: (job) => run(job, jobs),
      checkpoint: () => undefined,
    },
    {
      run: "r",
      models: ["base", "extended"].map((name) => ({ name, model: { path: name } })),
      tokenizer: { model: "m" },
      window: 512,
      targetLength: 2048,
      evaluation,
      corpus: { include: ["x"], exclude: [], textField: "text", onError: "fail" },
      seed: 1,
    },
  );
  return { ...evaluated, jobs, events };
}

describe("LooGLE's further metrics", () => {
  it("are scores of the answers' rows, and lines of every table", async () => {
    const server = await serve(({ body }, response) => {
      const text = body.messages?.at(-1)?.content ?? "";
      completion(
        response,
        text.includes("Score = ") ? "85" : text.includes("= no") ? "True" : text.includes("Paris") ? "Well, perhaps" : "False.",
      );
    });
    const judge = { url: server.url, model: "gpt-4", api: "chat" };
    const { results, jobs, events, faults } = await evaluate({ wordNet: cut, bertScore: { model: "some/encoder" }, judge });
    expect(faults).toEqual([]);
    const scores = Object.fromEntries(results.rows.map(({ model, expected, scores: own }) => [`${model}: ${expected ?? ""}`, own]));
    for (const model of ["base", "extended"]) {
      expect(scores[`${model}: no`]).toEqual({ meteor: 0.5, meteorSets: 0.5, bertScore: 1, bertScoreF1: 0.5, judge: 1 });
      expect(scores[`${model}: the physician`]).toEqual({ meteor: 0, meteorSets: 0, bertScore: 0.5, bertScoreF1: 0.25, judge: 0 });
      expect(scores[`${model}: no more`]?.["judge"]).toBe(0.85);
      expect(scores[`${model}: Paris`]).not.toHaveProperty("judge");
    }
    expect(results.missing?.map(({ model, task, count }) => [model, task, count])).toEqual([
      ["base", "judge (loogle/shortdep_qa)", 1],
      ["extended", "judge (loogle/shortdep_qa)", 1],
    ]);
    expect(results.missing?.[0]?.reason).toMatch(/loogle\/shortdep_qa, \d+ tokens, trial 3 is no verdict: "Well, perhaps"/u);
    // Both models said the same: nothing is judged or scored twice.
    expect(server.asked).toHaveLength(4);
    expect(server.asked[0]?.body).toMatchObject({ model: "gpt-4", temperature: 0, max_tokens: 10 });
    const asked = server.asked.map(({ body }) => body.messages ?? []).find(([, user]) => user?.content.includes("Who came?") === true);
    expect(asked).toEqual([
      { role: "system", content: judgePrompt({ task: "loogle/shortdep_qa", question: "", reference: "", answer: "" }).system },
      { role: "user", content: "Question: Who came?\ngroudtruth = the physician\npredict_answer =  no" },
    ]);
    expect(jobs.find(({ kind }) => kind === "bertscore")).toMatchObject({ model: "some/encoder", layer: 17 });
    const told = events.flatMap((event) => (event.kind === "log" && event.level === "info" ? [event.message] : []));
    expect(told.filter((message) => /^The judge gpt-4 at .* gets 4 requests/u.test(message))).toHaveLength(1);

    expect(scoreGrids(results)[0]?.rows.map(({ name }) => name)).toContain("shortdep_qa: METEOR");
    expect(textTables(results, 0.85)).toMatch(/loogle\/shortdep_qa: judge +50\.0\* +50\.0\*/u);
    const cell = exportCells(results).find(({ task, model }) => task === "loogle/shortdep_qa/judge" && model === "base");
    expect(cell).toMatchObject({ value: 0.5, count: 2, missing: 1, group: null });
    expect(csvResults(results).match(/,bertScore,/gu)).toHaveLength(8);

    // Once more in the same folder: the judge's replies are there.
    await evaluate({ wordNet: cut, bertScore: { model: "some/encoder" }, judge });
    expect(server.asked).toHaveLength(4);
  });

  it("are left out and named, with what to do, where what they need is not there", async () => {
    const { results } = await evaluate({ wordNet: "nothing-here" });
    expect(results.rows.every((row) => row.scores === undefined)).toBe(true);
    expect(results.missing?.map(({ task, count, reason }) => [task, count, reason])).toEqual([
      ["METEOR (loogle)", 8, expect.stringMatching(/nothing-here holds none\. Unpack WordNet 3\.0 .*wordnet-base/u)],
      ["BERTScore (loogle)", 8, expect.stringMatching(/the recipe names none\. Name an encoder/u)],
    ]);
    const absent = await evaluate({ wordNet: cut, bertScore: { model: "absent" } });
    expect(absent.results.missing?.map(({ reason }) => reason)).toEqual(["BERTScore: The model does not exist. Correct it."]);
    expect(absent.results.rows[0]?.scores).toHaveProperty("meteor");
  });

  it("are asked again of the judge when the run is resumed, where a reply lacks for a reason that may pass", async () => {
    let down = true;
    const server = await serve(({ body }, response) => {
      if (down && body.messages?.at(-1)?.content.includes("Paris") === true) failure(response, 503, { message: "restarting" });
      else completion(response, body.messages?.at(-1)?.content.includes("Score = ") === true ? "85" : "True");
    });
    const settings = { wordNet: cut, judge: { url: server.url, model: "gpt-4", api: "chat", retries: 0 } };
    const stage = join(folder, "stage");
    const first = await evaluate(settings);
    expect(first.faults).toEqual([]);
    expect(first.results.missing?.filter(({ task }) => task.startsWith("judge")).map(({ model }) => model)).toEqual(["base", "extended"]);
    const told = first.events.flatMap((event) => (event.kind === "log" && event.level === "warning" ? [event.message] : []));
    expect(told).toContain("judge gpt-4: resuming the run asks again what has no answer yet.");
    expect(await evaluateStage.isWhole?.(stage)).toBe(false);

    const before = server.asked.length;
    down = false;
    await rm(join(stage, evaluationFiles.unanswered));
    const second = await evaluate(settings);
    expect(server.asked).toHaveLength(before + 1);
    expect(second.results.rows.find(({ expected }) => expected === "Paris")?.scores).toHaveProperty("judge", 1);
    expect(await evaluateStage.isWhole?.(stage)).toBe(true);
  });

  it("say when the judge answers nothing, and keep the rest", async () => {
    const server = await serve((_, response) => failure(response, 401, { message: "no" }));
    const { results, faults } = await evaluate({ wordNet: cut, judge: { url: server.url, model: "gpt-4", retries: 0 } });
    expect(faults.map(({ code }) => code)).toEqual(["server-key"]);
    expect(results.rows[0]?.scores).toHaveProperty("meteor");
    expect(results.missing?.filter(({ task }) => task.startsWith("judge")).reduce((sum, { count }) => sum + count, 0)).toBe(8);
  });
});

describe("a judge's verdict", () => {
  it("is read where it keeps to the form", () => {
    const answer = (reply: string) => verdictOf("loogle/longdep_qa", reply);
    expect(["True", " 'True'.", "**true**", "False", "False: they differ"].map(answer)).toEqual([1, 1, 1, 0, 0]);
    expect(["", "Yes", "True or False?", "It is True", "Truely"].map(answer)).toEqual([null, null, null, null, null]);
    const summary = (reply: string) => verdictOf("loogle/longdep_summarization", reply);
    expect(["85", "Score: 85", "85/100", "100.", "0"].map(summary)).toEqual([0.85, 0.85, 0.85, 1, 0]);
    expect(["101", "good", "between 80 and 90", ""].map(summary)).toEqual([null, null, null, null]);
  });
});

describe("settings of LooGLE's metrics", () => {
  it("are for LooGLE alone, and a judge's key is asked for with the others", () => {
    const judge = { url: "http://localhost:1/v1", model: "m", key: "openai" };
    expect(longBenchSchema.safeParse({ format: "longbench", path: ".", judge }).success).toBe(false);
    const evaluation = evaluationSchema.parse({ longBench: [{ format: "loogle", path: ".", judge }] });
    expect(neededKeys({ evaluation })).toEqual(["openai"]);
  });
});

describe("WordNet on the disk", () => {
  it("is part of the stage's key: METEOR is measured once there is one", async () => {
    const inputs = (wordNet: string) =>
      longBenchInputs({ evaluation: evaluationSchema.parse({ longBench: [{ format: "loogle", path: ".", wordNet }] }) }, folder);
    expect(await inputs(cut)).not.toEqual(await inputs("nothing-here"));
  });

  it("is found where NLTK puts it, folder or zip", async () => {
    const entries: Record<string, Uint8Array> = {};
    for (const name of wordNetFiles) entries[`wordnet/${name}`] = new Uint8Array(await readFile(join(cut, name)));
    await writeFile(join(folder, "wordnet.zip"), zipSync(entries));
    const found = await findWordNet("wordnet.zip", folder);
    if ("reason" in found) throw new Error(found.reason);
    expect([...found.synonyms("physician")]).toContain("doctor");
    const places = usualPlaces({ NLTK_DATA: "/data/nltk" }, "/home/me");
    expect(places[0]).toBe(join("/data/nltk", "corpora", "wordnet"));
    expect(places).toContain(join("/home/me", "nltk_data", "corpora", "wordnet.zip"));
    await writeFile(join(folder, "broken.zip"), "no zip");
    const broken = await findWordNet("broken.zip", folder);
    expect("reason" in broken && broken.reason).toMatch(/broken\.zip cannot be read/u);
  });
});
