/** Answers of a server as they come, one JSON object a line: an evaluation that is cut off goes on after the last of them. */
import { mkdir, open, readFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { systemCode } from "../faults.js";

const lineSchema = z.object({ hash: z.string(), answer: z.string() });

export class AnswerLog {
  private constructor(
    private readonly handle: FileHandle,
    private readonly known: Map<string, string>,
  ) {}

  /** Reads what is there; a line that was cut off is left out, and asked again. */
  static async open(file: string): Promise<AnswerLog> {
    await mkdir(dirname(file), { recursive: true });
    const text = await textOf(file);
    const known = new Map<string, string>();
    for (const line of text.split("\n")) {
      const entry = entryOf(line);
      if (entry !== null) known.set(entry.hash, entry.answer);
    }
    const handle = await open(file, "a");
    // A torn line must not swallow the next one.
    if (text !== "" && !text.endsWith("\n")) await handle.appendFile("\n");
    return new AnswerLog(handle, known);
  }

  /** @param hash of everything that the answer depends on */
  get(hash: string): string | undefined {
    return this.known.get(hash);
  }

  async keep(hash: string, answer: string): Promise<void> {
    this.known.set(hash, answer);
    await this.handle.appendFile(`${JSON.stringify({ hash, answer })}\n`);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
}

function entryOf(line: string): z.infer<typeof lineSchema> | null {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
