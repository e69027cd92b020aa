/** Names that become names of folders. */
import * as z from "zod";

export const nameSchema = z.string().regex(/^[\w.-]+$/u, "letters, digits, dot, dash and underscore only");

/** The name nearest to a text: whatever a name cannot hold becomes a dash. */
export function nameFrom(text: string): string {
  return text.replace(/[^\w.-]+/gu, "-");
}
