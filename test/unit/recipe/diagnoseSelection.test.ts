import { describe, expect, it } from "vitest";
import { countByPosition, diagnoseSelection } from "../../../src/recipe/diagnoseSelection.js";

const none = { inside: 0, impactfulInside: 0, beyond: 0, impactfulBeyond: 0 };

describe("diagnoseSelection", () => {
  it("counts scored tokens on both sides of the window", () => {
    const counts = { ...none };
    countByPosition(counts, Float32Array.of(Number.NaN, 5, 1, 5, 5), 5, 3);
    expect(counts).toEqual({ inside: 2, impactfulInside: 1, beyond: 2, impactfulBeyond: 2 });
  });

  it("speaks up only where impact follows the position", () => {
    expect(diagnoseSelection({ inside: 100, impactfulInside: 4, beyond: 300, impactfulBeyond: 72 }, 64)?.evidence).toBe(
      "4.0 % of the tokens below position 64 are impactful, 24.0 % of those from it on.",
    );
    expect(diagnoseSelection({ inside: 100, impactfulInside: 10, beyond: 100, impactfulBeyond: 30 }, 64)).toBeNull();
    expect(diagnoseSelection({ ...none, inside: 100, impactfulInside: 20 }, 64)).toBeNull();
  });
});
