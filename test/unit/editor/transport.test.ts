import { expect, it } from "vitest";
import { dashboardMessages, inspectorMessages } from "../../../src/panels/transport.js";

it("takes the messages of the protocols", () => {
  const dashboard = [
    { type: "ready" },
    { type: "request", request: "resume" },
    { type: "open", what: "report" },
    { type: "compare", directories: ["/runs/one"] },
    { type: "export", format: "png", name: "needles", data: Uint8Array.of(1, 2) },
    { type: "export", format: "csv", name: "needles", data: "a,b" },
    { type: "prompt", promptHash: "0123" },
  ];
  expect(dashboard.map((message) => dashboardMessages.safeParse(message).data)).toEqual(dashboard);
  const inspector = [
    { type: "pick", set: "extend", sample: 3 },
    { type: "search", set: "replay", text: "<b>", after: 0 },
  ];
  expect(inspector.map((message) => inspectorMessages.safeParse(message).data)).toEqual(inspector);
});

it("refuses everything else", () => {
  const others: unknown[] = [
    null,
    "ready",
    {},
    { type: "request", request: "delete" },
    { type: "open", what: "/etc/passwd" },
    { type: "ready", and: "more" },
    { type: "export", format: "exe", name: "x", data: "" },
    { type: "compare", directories: "all" },
  ];
  for (const other of others) expect(dashboardMessages.safeParse(other).success).toBe(false);
  for (const other of [...others, { type: "pick", set: "extend", sample: -1 }])
    expect(inspectorMessages.safeParse(other).success).toBe(false);
});
