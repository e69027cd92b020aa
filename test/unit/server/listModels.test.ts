import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { listModels } from "../../../src/commands/guided/listModels.js";

it("lists a server's models with the key, and nothing for any other answer", async () => {
  let body = JSON.stringify({ data: [{ id: "b" }, { id: "a" }] });
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization);
    response.end(request.url === "/v1/models" ? body : "nothing");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1/`;
  expect(await listModels(url, "k")).toEqual(["a", "b"]);
  body = "<html>";
  expect(await listModels(url, undefined)).toEqual([]);
  expect(keys).toEqual(["Bearer k", undefined]);
  await new Promise((resolve) => server.close(resolve));
  expect(await listModels(url, undefined)).toEqual([]);
});
