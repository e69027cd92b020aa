import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, stageKey } from "../../../src/runner/cacheKey.js";

describe("cache keys", () => {
  it("does not depend on the order of keys, but on that of lists", () => {
    expect(canonicalJson({ b: 1, a: { d: [1, 2], c: null } })).toBe('{"a":{"c":null,"d":[1,2]},"b":1}');
    expect(stageKey("select", { a: 1, b: 2 }, [])).toBe(stageKey("select", { b: 2, a: 1 }, []));
    expect(stageKey("select", [1, 2], [])).not.toBe(stageKey("select", [2, 1], []));
  });

  it("depends on the stage, its inputs, and every stage before it", () => {
    const keys = [
      stageKey("select", { a: 1 }, ["x"]),
      stageKey("samples", { a: 1 }, ["x"]),
      stageKey("select", { a: 2 }, ["x"]),
      stageKey("select", { a: 1 }, ["y"]),
      stageKey("select", { a: 1 }, [null]),
      stageKey("select", { a: 1 }, []),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is equal for equal values, however they were put together", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(stageKey("prepare", reversed, [])).toBe(stageKey("prepare", value, []));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
