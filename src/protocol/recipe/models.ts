/** Further models of an evaluation: folders, hub ids, and servers. */
import * as z from "zod";
import { nameSchema } from "../name.js";
import { positiveInt } from "./numbers.js";

/** A server that speaks OpenAI's protocol: vLLM, llama.cpp, SGLang, OpenAI itself. */
export const serverSchema = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).describe("Base address, such as http://localhost:8000/v1."),
    model: z.string().min(1).describe("The model's name on the server."),
    api: z.enum(["chat", "completions"]).default("completions").describe("completions: the prompt as it is; chat: as one user message."),
    key: nameSchema
      .optional()
      .describe(
        "Name of the key: kept by VS Code (command `Set Server Key`), or in the environment as LONGRECIPE_KEY_<NAME>. Left out: none is sent.",
      ),
    window: positiveInt.optional().describe("Its context window in tokens: longer prompts are not sent. Left out: not known."),
    concurrency: positiveInt.default(4).describe("Requests at a time."),
    timeoutSeconds: positiveInt.default(600).describe("A request that takes longer has failed."),
    retries: z.int().min(0).default(3).describe("Further tries after a fault that may pass (busy, out of reach, 5xx)."),
  })
  .describe("An OpenAI-compatible server.");
export type ServerSpec = z.infer<typeof serverSchema>;

/** A model to stand beside those of the run, under a name of its own. */
export const furtherModelSchema = z
  .strictObject({
    name: nameSchema.describe("Its name in tables and pictures."),
    path: z.string().min(1).optional().describe("Folder (relative to the recipe file) or hub id."),
    server: serverSchema.optional(),
  })
  .refine(({ path, server }) => (path === undefined) !== (server === undefined), "Give `path` or `server`, one of them.");
export type FurtherModel = z.infer<typeof furtherModelSchema>;
