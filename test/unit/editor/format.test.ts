import { expect, it } from "vitest";
import { formatBytes, formatDuration, formatTokens } from "../../../src/views/format.js";

it("writes durations in the two units that matter", () => {
  expect([0.42, 9.96, 59.4, 59.6, 185, 3599.6, 3600, 7_800, 86_399, 97_200].map(formatDuration)).toEqual([
    "0.4 s",
    "10 s",
    "59 s",
    "1 min 00 s",
    "3 min 05 s",
    "1 h 00 min",
    "1 h 00 min",
    "2 h 10 min",
    "1 d 0 h",
    "1 d 3 h",
  ]);
});

it("writes tokens as people name windows, and others exactly", () => {
  expect([512, 1000, 2048, 131_072, 1_048_576].map(formatTokens)).toEqual(["512", "1000", "2k", "128k", "1M"]);
});

it("writes bytes in binary units", () => {
  expect([12, 2048, 83_886_080_000, 25_769_803_776].map(formatBytes)).toEqual(["12 B", "2.0 KiB", "78.1 GiB", "24.0 GiB"]);
});
