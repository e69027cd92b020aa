import { describe, expect, it } from "vitest";
import { donePercent, inPercent, percent } from "../../../src/protocol/percent.js";

describe("percentages", () => {
  it("are written with or without the sign, to as many digits as asked for", () => {
    expect([percent(0.9614), percent(0.9614, { digits: 1 }), percent(1)]).toEqual(["96 %", "96.1 %", "100 %"]);
    expect([inPercent(0.9614), inPercent(0.9614, 1), inPercent(0)]).toEqual(["96", "96.1", "0"]);
  });

  it("of differences say which way they go", () => {
    const signed = (share: number): string => percent(share, { digits: 1, signed: true });
    expect([0.035, 0, -0.035].map(signed)).toEqual(["+3.5 %", "0.0 %", "-3.5 %"]);
  });

  it("never say 100 % before it is done", () => {
    const fractions = [-0.1, 0, 0.004, 0.436, 0.9999, 1, 1.2];
    expect(fractions.map(donePercent)).toEqual(["0 %", "0 %", "0 %", "44 %", "99 %", "100 %", "100 %"]);
  });
});
