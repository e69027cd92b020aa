/** Names that become names of folders. */
import * as z from "zod";

/** With a date behind it, a file system still takes it. */
const longest = 200;

export const nameSchema = z
  .string()
  .regex(/^[\w.-]+$/u, "letters, digits, dot, dash and underscore only")
  .max(longest, `at most ${longest} characters`);

/** The name nearest to a text: whatever a name cannot hold becomes a dash, and what is too long is cut. */
export function nameFrom(text: string): string {
  return text.replace(/[^\w.-]+/gu, "-").slice(0, longest);
}
