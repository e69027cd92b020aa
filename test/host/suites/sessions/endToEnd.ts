/** The packaged extension, a tiny budget, and the embedded model. */
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { execa } from "execa";
import { globSync } from "tinyglobby";
import * as z from "zod";
import type { RecipeInput } from "../../../../src/protocol/recipe.js";
import type { Session } from "./index.js";
import { emptyWorkspace, type Workspace } from "./workspaces.js";

const setupSchema = z.object({ interpreter: z.string() });

/**
 * Every stage in a few seconds, what the numbers become does not matter here; only training takes so long that the window
 * can be reloaded while it goes on.
 */
const recipe: RecipeInput = {
  model: "./model",
  targetLength: 512,
  corpus: { include: ["corpus"] },
  significance: { maxTokens: 80_000 },
  training: { samples: 96, batchSize: 4, steps: 160, learningRate: 5e-4, checkpointEvery: 40, precision: "float32" },
  evaluation: {
    needle: { lengths: [256, 512], depths: [0.25, 0.75], trials: 1 },
    perplexity: { documents: 1 },
  },
  device: "cpu",
};

export function endToEnd(root: string, suitePath: string): Session {
  return async () => {
    // So small a model gains nothing from a second thread, and on a busy machine the threads wait for each other.
    process.env["OMP_NUM_THREADS"] ??= "1";
    const vsix = await packageExtension(root);
    const python = await workerPython(root);
    const workspace = await tinyWorkspace(root);
    return {
      options: {
        suitePath,
        vsix,
        workspace: workspace.path,
        settings: { "longrecipe.worker.python": python },
        timeoutMs: 40 * 60_000,
        onRequest: async ({ data }) => {
          const script = join(root, "test", "e2e", "support", "check_model.py");
          const { stdout } = await execa(python, [script, z.string().parse(data)]);
          return z.json().parse(JSON.parse(stdout));
        },
      },
      finish: () => workspace.remove(),
    };
  };
}

/** Packages as `npm run package` does; that builds anew without the suites, so they are built again after it. */
async function packageExtension(root: string): Promise<string> {
  const node = { cwd: root, stdout: "ignore", stderr: "inherit" } as const;
  await execa(process.execPath, ["--import", "tsx", join(root, "scripts", "package.ts")], node);
  await execa(process.execPath, [join(root, "esbuild.mjs"), "--tests"], node);
  const [file, ...more] = globSync("longrecipe-*.vsix", { cwd: root, absolute: true });
  if (file === undefined || more.length > 0) throw new Error(`one VSIX was expected in ${root}: ${[file, ...more].join(", ")}`);
  return file;
}

export async function workerPython(root: string): Promise<string> {
  const { stdout } = await execa(process.execPath, [join(root, "dist", "runner.js"), "setup", "--json"], { stderr: "inherit" });
  return setupSchema.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).interpreter;
}

async function tinyWorkspace(root: string): Promise<Workspace> {
  const workspace = await emptyWorkspace();
  const example = join(root, "examples", "embedded");
  await cp(join(example, "model"), join(workspace.path, "model"), { recursive: true });
  for (const file of globSync("corpus/*", { cwd: example }).sort().slice(0, 12)) {
    await cp(join(example, file), join(workspace.path, file));
  }
  await writeFile(join(workspace.path, "corpus", "emoji.txt"), emojiText());
  await writeFile(join(workspace.path, "tiny.longrecipe.json"), `${JSON.stringify(recipe, null, 2)}\n`);
  return workspace;
}

/** Some thousand characters of which many are two code units, several to a glyph, or several tokens each. */
function emojiText(): string {
  const signs = ["👩\u200d👩\u200d👧", "🚢", "漢字", "👍🏽", "東京の港", "🇯🇵", "你好，世界", "e\u0301", "𠮷野家", "한국어"];
  const lines = Array.from({ length: 120 }, (_, line) => {
    const sign = (step: number): string => signs[(line * step + 3) % signs.length] ?? "";
    return `${sign(1)} Box ${String((line * 37) % 100)} went to ${sign(3)} with ${String((line * 911) % 997)} ${sign(7)}. The code is ${String(1000 + ((line * 7919) % 9000))}.`;
  });
  return `${lines.join("\n")}\n`;
}
