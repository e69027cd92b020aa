/** The interpreter chosen in the Python extension, where that is installed. */
import * as vscode from "vscode";
import * as z from "zod";

const PYTHON_EXTENSION = "ms-python.python";

/** The part of its published API that is used here; checked, since another version may lack it. */
const apiSchema = z.object({
  environments: z.object({
    getActiveEnvironmentPath: z.custom<(resource?: vscode.Uri) => unknown>((value) => typeof value === "function"),
    resolveEnvironment: z.custom<(environment: unknown) => Promise<unknown>>((value) => typeof value === "function"),
  }),
});
const environmentSchema = z.object({ executable: z.object({ uri: z.object({ fsPath: z.string().min(1) }) }) });

/** @returns the path of the interpreter, or null when the extension is missing or has none chosen. */
export async function chosenInterpreter(log: vscode.LogOutputChannel): Promise<string | null> {
  const extension = vscode.extensions.getExtension<unknown>(PYTHON_EXTENSION);
  if (extension === undefined) return null;
  try {
    const { environments } = apiSchema.parse(await extension.activate());
    const environment = environmentSchema.safeParse(
      await environments.resolveEnvironment(environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri)),
    );
    return environment.data?.executable.uri.fsPath ?? null;
  } catch (error) {
    // Somebody else's extension: what it cannot tell, we do without.
    log.warn(`The Python extension did not tell its interpreter: ${String(error)}`);
    return null;
  }
}
