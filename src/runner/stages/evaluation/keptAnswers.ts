/** How a stage asks a server: answers kept in its folder, each at once, and progress and notices told as the stage's. */
import { join } from "node:path";
import process from "node:process";
import type { ServerSpec } from "../../../protocol/recipe/models.js";
import type { AskServerOptions } from "../../server/askServer.js";
import { keyOf } from "../../server/key.js";
import type { EvaluationTools } from "./benchmark.js";

/** @param file in the stage's folder @param unit what is counted, in words */
export function keptAnswers(
  tools: EvaluationTools,
  server: Pick<ServerSpec, "key">,
  { name, file, unit }: { readonly name: string; readonly file: string; readonly unit: string },
): AskServerOptions {
  return {
    model: name,
    answers: join(tools.directory, file),
    key: keyOf(server, process.env),
    checkpoint: () => tools.checkpoint(),
    onProgress: (done, total) => tools.emit({ kind: "progress", done, total, unit, label: name }),
    onNotice: (message) => tools.emit({ kind: "log", level: "warning", message }),
  };
}
