/** The scorer's process (dist/scorer.js): started by the extension host, ends with it. */
import process from "node:process";
import { exitCode, messageOf, UserError } from "../protocol/errors.js";
import { Engine } from "./engine.js";
import { hostMessageSchema, type HostMessage, type ScorerMessage } from "./messages.js";

const running = new Map<number, AbortController>();
let loaded: { readonly key: string; readonly engine: Promise<Engine> } | null = null;

function tell(message: ScorerMessage): void {
  if (process.connected) process.send?.(message);
}

/** The pair's engine; another pair takes the place of the one before. */
async function engineFor(folder: string, hash: string): Promise<Engine> {
  const key = `${folder}\n${hash}`;
  if (loaded?.key !== key) {
    const before = loaded?.engine;
    const engine = Engine.load(folder, (level, message) => tell({ type: "log", level, message }));
    loaded = { key, engine };
    // One pair in memory at a time. A pair that could not be loaded has been told.
    before?.then((old) => old.release()).catch(() => undefined);
    engine.catch(() => {
      if (loaded?.engine === engine) loaded = null;
    });
  }
  return loaded.engine;
}

async function score(request: Extract<HostMessage, { type: "score" }>): Promise<void> {
  const { id, text, visible } = request;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const engine = await engineFor(request.pair, request.hash);
    for await (const part of engine.score(text, visible, controller.signal)) tell({ type: "part", id, part });
    tell({ type: "done", id });
  } catch (error) {
    const known = error instanceof UserError ? error : null;
    if (!known) tell({ type: "log", level: "error", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    tell({
      type: "failed",
      id,
      error: {
        code: known?.code ?? "scorer-failed",
        message: known?.message ?? `The in-editor scorer failed: ${messageOf(error)}`,
        remedy: known?.remedy ?? "The log of LongRecipe says more.",
        exit: known?.exit === exitCode.badInput ? exitCode.badInput : exitCode.internal,
      },
    });
  } finally {
    running.delete(id);
  }
}

process.on("message", (value) => {
  const message = hostMessageSchema.parse(value);
  if (message.type === "cancel") running.get(message.id)?.abort();
  else void score(message);
});
process.on("disconnect", () => process.exit(0));
tell({ type: "ready" });
