/** What passes between the extension host and the scorer's process. Checked on arrival, on both sides. */
import * as z from "zod";

const id = z.int().nonnegative();
const place = z.int().nonnegative();

/** From the host. */
export const hostMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("score"),
    id,
    pair: z.string().min(1).describe("Folder of the pair."),
    hash: z.string().min(1).describe("The pair's identity: models are loaded anew when it changes."),
    text: z.string(),
    visible: z.strictObject({ start: place, end: place }),
  }),
  z.strictObject({ type: z.literal("cancel"), id }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;

const integers = z.custom<Int32Array>((value) => value instanceof Int32Array, "must be an Int32Array");
const numbers = z.custom<Float32Array>((value) => value instanceof Float32Array, "must be a Float32Array");

export const tokenScoresSchema = z.strictObject({ starts: integers, ends: integers, score: numbers, base: numbers, extended: numbers });

/** From the scorer. */
export const scorerMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready") }),
  z.strictObject({ type: z.literal("log"), level: z.enum(["debug", "info", "warn", "error"]), message: z.string() }),
  z.strictObject({ type: z.literal("part"), id, part: z.strictObject({ start: place, end: place, tokens: tokenScoresSchema }) }),
  z.strictObject({ type: z.literal("done"), id }),
  z.strictObject({
    type: z.literal("failed"),
    id,
    error: z.strictObject({ code: z.string(), message: z.string(), remedy: z.string(), exit: z.union([z.literal(1), z.literal(2)]) }),
  }),
]);
export type ScorerMessage = z.infer<typeof scorerMessageSchema>;
