/** Names that become names of folders. */
import * as z from "zod";

export const nameSchema = z.string().regex(/^[\w.-]+$/u, "letters, digits, dot, dash and underscore only");
