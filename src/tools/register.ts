/** Tools for chat agents: what is known of runs and of tokens, as JSON. They read; nothing is started by them. */
import * as vscode from "vscode";
import type { Highlights } from "../editor/highlight/highlights.js";
import { UserError } from "../protocol/errors.js";
import type { RunStore } from "../views/runStore.js";

export interface ToolParts {
  readonly store: RunStore;
  readonly highlights: Highlights;
}

/** A tool's work: input as the model gave it, unchecked, to an answer that can be written as JSON. */
export type Tool = (parts: ToolParts, input: unknown) => Promise<unknown>;

/** Names as in package.json. */
const tools: Readonly<Record<string, { readonly doing: () => string; readonly load: () => Promise<Tool> }>> = {
  longrecipe_get_run_status: {
    doing: () => vscode.l10n.t("Reading the status of the run"),
    load: async () => (await import("./runStatus.js")).runStatus,
  },
  longrecipe_get_evaluation_results: {
    doing: () => vscode.l10n.t("Reading the evaluation results"),
    load: async () => (await import("./evaluationResults.js")).evaluationResults,
  },
  longrecipe_get_token_significance: {
    doing: () => vscode.l10n.t("Reading the significance of tokens"),
    load: async () => (await import("./tokenSignificance.js")).tokenSignificance,
  },
};

export function registerTools(parts: ToolParts): vscode.Disposable {
  const registered = Object.entries(tools).map(([name, { doing, load }]) =>
    vscode.lm.registerTool(name, {
      prepareInvocation: () => ({ invocationMessage: doing() }),
      invoke: async ({ input }) => {
        const answer = await (await load())(parts, input).catch(told);
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(answer))]);
      },
    }),
  );
  return vscode.Disposable.from(...registered);
}

/** A fault that people can mend is an answer, too: the model can pass it on. */
function told(error: unknown): unknown {
  if (error instanceof UserError) return { error: error.message, remedy: error.remedy };
  throw error;
}
