/** Folders that the windows open, made anew for each session. */
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { writeScoredRun } from "../../../support/scoredRun.js";
import { writeFixtureRun, type FixtureEnd } from "../../../support/fixtureRun.js";

export interface Workspace {
  readonly path: string;
  remove(): Promise<void>;
}

/** An empty folder. */
export async function emptyWorkspace(): Promise<Workspace> {
  const path = await mkdtemp(join(tmpdir(), "longrecipe-workspace-"));
  // A process that is just ending may still write something.
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10 }) };
}

/** What looks like a model from outside (no worker can load it), a corpus, and recipes, good and bad. */
export async function recipeWorkspace(): Promise<Workspace> {
  const workspace = await emptyWorkspace();
  const write = (file: string, content: string): Promise<void> => writeFile(join(workspace.path, file), content);
  await mkdir(join(workspace.path, "model"));
  await mkdir(join(workspace.path, "corpus"));
  await write("model/config.json", JSON.stringify({ architectures: ["LlamaForCausalLM"], max_position_embeddings: 256 }));
  await write("model/model.safetensors", "");
  await write("corpus/a.txt", "A first document. It has two sentences.\n");
  await write("corpus/b.md", "# A second document\n");
  const good = { model: "./model", targetLength: 1024, corpus: { include: ["corpus"] } };
  await write("good.longrecipe.json", `${JSON.stringify(good, null, 2)}\n`);
  await write("bad.longrecipe.json", `${JSON.stringify({ ...good, targetLength: "long", training: { batchsize: 8 } }, null, 2)}\n`);
  await write("lost.longrecipe.json", `${JSON.stringify({ ...good, model: "./modle", corpus: { include: ["corpse"] } }, null, 2)}\n`);
  return workspace;
}

/** A recipe workspace with runs that happened before. */
export async function runWorkspace(ends: readonly FixtureEnd[]): Promise<Workspace> {
  const workspace = await recipeWorkspace();
  for (const end of ends) await writeFixtureRun(runDirectory(workspace.path, end), join(workspace.path, "good.longrecipe.json"), { end });
  return workspace;
}

/** Runs that happened before, the embedded model, a recipe of it with comments, and one that no test opens. */
export async function formWorkspace(root: string): Promise<Workspace> {
  const workspace = await runWorkspace(["completed", "paused"]);
  const write = (file: string, content: string): Promise<void> => writeFile(join(workspace.path, file), content);
  await cp(join(root, "examples", "embedded", "model"), join(workspace.path, "embedded"), { recursive: true });
  await write(
    "embedded.longrecipe.json",
    `{
  "model": "./embedded",
  // a comment that must stay
  "targetLength": 1024,
  "corpus": { "include": ["corpus"] },
  "training": { "samples": 3200, "batchSize": 16, "learningRate": 2.5e-4 }
}
`,
  );
  const wrong = { model: "./model", targetLength: "long", corpus: { include: ["corpus"] }, training: { batchsize: 8 } };
  await write("unopened.longrecipe.json", `${JSON.stringify(wrong, null, 2)}\n`);
  return workspace;
}

/** Where a fixture run lies in its workspace. */
export function runDirectory(workspace: string, name: string): string {
  return join(workspace, ".longrecipe", "runs", `good-${name}`);
}

/** A corpus that a run has scored: emoji and CJK, every form of line ends, records, a story, and a large file. */
export async function scoredWorkspace(): Promise<Workspace> {
  const workspace = await recipeWorkspace();
  const story = "Box 12 weighs 👩‍👩‍👧 7 pounds. Nothing here.\n\n漢字 and 45 words.\nThe end of it.\n";
  const windows = story.replaceAll("\n", "\r\n");
  const record = `{"id":3,"text":${JSON.stringify(story)}}\n`;
  const example = await readFile(join(process.cwd(), "examples", "embedded", "corpus", "0001.txt"), "utf8");
  const large = example.repeat(Math.ceil(8_000_000 / example.length));
  const texts = [
    { path: "corpus/emoji.txt", text: story },
    { path: "corpus/crlf.txt", text: windows, bytes: `\uFEFF${windows}` },
    { path: "corpus/records.jsonl#L1", text: story, bytes: record },
    { path: "corpus/table.csv#R1", text: story, bytes: `id,text\n3,${JSON.stringify(story)}\n` },
    { path: "corpus/story.txt", text: example },
    { path: "corpus/large.txt", text: large },
  ];
  for (const { path, text, bytes } of texts) await writeFile(join(workspace.path, path.replace(/#[LR]1$/u, "")), bytes ?? text);
  await writeScoredRun(runDirectory(workspace.path, "scored"), join(workspace.path, "good.longrecipe.json"), texts);
  return workspace;
}

/** The last run of `npm run demo`, where a window looks for runs. */
export async function demoWorkspace(root: string): Promise<Workspace> {
  const workspace = await emptyWorkspace();
  const demo = join(root, ".longrecipe", "demo", "embedded");
  const last = Math.max(...(await readdir(demo)).map(Number).filter((number) => Number.isInteger(number)));
  await cp(join(demo, String(last), "run"), join(workspace.path, ".longrecipe", "runs", "embedded"), { recursive: true });
  return workspace;
}
