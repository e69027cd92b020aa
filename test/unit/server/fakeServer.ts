/** A real HTTP server of this process that answers as a test says. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";

const bodySchema = z.looseObject({
  model: z.string(),
  prompt: z.string().optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).optional(),
  max_tokens: z.number().optional(),
  max_completion_tokens: z.number().optional(),
  temperature: z.number().optional(),
  stop: z.array(z.string()).optional(),
});
export type AskedBody = z.infer<typeof bodySchema>;

export interface Asked {
  readonly path: string;
  readonly body: AskedBody;
  readonly headers: IncomingMessage["headers"];
}

export interface FakeServer {
  readonly url: string;
  readonly asked: Asked[];
  /** The most requests that were open at one time. */
  readonly most: () => number;
  close(): Promise<void>;
}

export type Answerer = (asked: Asked, response: ServerResponse, nth: number) => void | Promise<void>;

export async function fakeServer(answer: Answerer): Promise<FakeServer> {
  const asked: Asked[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    most = Math.max(most, ++open);
    response.once("close", () => open--);
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const one = {
        path: request.url ?? "",
        body: bodySchema.parse(JSON.parse(Buffer.concat(parts).toString())),
        headers: request.headers,
      };
      void answer(one, response, asked.push(one) - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/v1`,
    asked,
    most: () => most,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function json(response: ServerResponse, body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

export function completion(response: ServerResponse, text: string | null, finish: string | null = "stop"): void {
  json(response, { choices: [{ index: 0, text, finish_reason: finish }] });
}

export function failure(response: ServerResponse, status: number, error: Readonly<Record<string, unknown>>): void {
  json(response, { error }, status);
}
