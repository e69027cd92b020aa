/** How a stage asks a server: answers kept in its folder, each at once, and progress and notices told as the stage's. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { ServerSpec } from "../../../protocol/recipe/models.js";
import { askServer } from "../../server/askServer.js";
import { keyOf } from "../../server/key.js";
import type { ServerAnswers, ServerQuestion } from "../../server/question.js";
import { evaluationFiles } from "../files.js";
import type { EvaluationTools } from "./benchmark.js";

export interface Kept {
  /** Who answers, in the words of messages. */
  readonly name: string;
  /** In the stage's folder. */
  readonly file: string;
  /** What is counted, in words. */
  readonly unit: string;
}

/**
 * Asks what is not answered yet. Where an answer lacks for a reason that may pass, the stage is marked, so that
 * resuming the run asks for it again.
 * @throws as askServer does
 */
export async function askKept(
  tools: EvaluationTools,
  server: ServerSpec,
  questions: readonly ServerQuestion[],
  { name, file, unit }: Kept,
): Promise<ServerAnswers> {
  const owed = { some: false };
  try {
    const found = await askServer(server, questions, {
      model: name,
      answers: join(tools.directory, file),
      key: keyOf(server, process.env),
      checkpoint: () => tools.checkpoint(),
      onProgress: (done, total) => tools.emit({ kind: "progress", done, total, unit, label: name }),
      onNotice: (message) => tools.emit({ kind: "log", level: "warning", message }),
      onOpen: () => {
        owed.some = true;
      },
    });
    if (owed.some) tools.emit({ kind: "log", level: "warning", message: `${name}: resuming the run asks again what has no answer yet.` });
    return found;
  } finally {
    // The stage is not asked again once it is whole; with this it is, and asks what is open.
    if (owed.some) await writeFile(join(tools.directory, evaluationFiles.unanswered), "");
  }
}
