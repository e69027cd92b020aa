import { describe, expect, it } from "vitest";
import { validationEvent } from "../../../src/evaluation/validation.js";

const asked = [
  { prompt: 0, length: 512, depth: 0.5, expected: "123" },
  { prompt: 1, length: 256, depth: 1, expected: "456" },
  { prompt: 2, length: 512, depth: 0.5, expected: "789" },
  { prompt: 3, length: 1_024, depth: 0, expected: "111" },
];

describe("validationEvent", () => {
  const measurement = {
    kind: "measurement" as const,
    step: 50,
    seconds: 1.5,
    bins: [
      { end: 128, tokens: 100, sum: 150 },
      { end: 256, tokens: 100, sum: 250 },
      { end: 1_024, tokens: 50, sum: 150 },
    ],
    answers: [
      { prompt: 0, text: " 123." },
      { prompt: 1, text: " 4567" },
      { prompt: 2, text: " 788" },
    ],
  };

  it("pools positions beside the window and scores answers by cell", () => {
    expect(validationEvent(measurement, asked, 256)).toEqual({
      kind: "validation",
      step: 50,
      seconds: 1.5,
      perplexity: { inside: Math.exp(2), beyond: Math.exp(3) },
      needles: [
        { length: 256, depth: 1, score: 0 },
        { length: 512, depth: 0.5, score: 0.5 },
      ],
    });
  });

  it("says so where nothing was measured", () => {
    expect(validationEvent({ ...measurement, bins: measurement.bins.slice(0, 2) }, [], 256)?.perplexity.beyond).toBeNull();
    expect(validationEvent({ ...measurement, bins: [] }, asked, 256)).toBeNull();
  });
});
