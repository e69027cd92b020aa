import { expect, it } from "vitest";
import { parseIncoming } from "../../../src/panels/transport.js";

it("takes the messages of the protocol", () => {
  expect(parseIncoming({ type: "ready" })).toEqual({ type: "ready" });
  expect(parseIncoming({ type: "request", request: "resume" })).toEqual({ type: "request", request: "resume" });
  expect(parseIncoming({ type: "open", what: "report" })).toEqual({ type: "open", what: "report" });
});

it("refuses everything else", () => {
  const others: unknown[] = [
    null,
    "ready",
    {},
    { type: "request", request: "delete" },
    { type: "open", what: "/etc/passwd" },
    { type: "ready", and: "more" },
  ];
  expect(others.map(parseIncoming)).toEqual(others.map(() => null));
});
