/** What a server says its models are. Knows nothing of VS Code. */
import * as z from "zod";

const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });
/** Longer than this nobody waits for a list, in milliseconds. */
const patienceMs = 3000;

/** @returns names, sorted; none where the server does not say: it may not run yet, and its model can be named all the same */
export async function listModels(url: string, key: string | undefined): Promise<string[]> {
  try {
    const response = await fetch(`${url.replace(/\/+$/u, "")}/models`, {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(patienceMs),
    });
    return (listSchema.safeParse(await response.json()).data?.data ?? []).map(({ id }) => id).sort();
  } catch {
    // Whatever it was: the list is a convenience, and the evaluation itself tells faults.
    return [];
  }
}
