import { describe, expect, it } from "vitest";
import { serverSchema } from "../../../src/protocol/recipe/models.js";
import { keyOf, keyVariable, redacted, requireKeys, withoutKeys } from "../../../src/runner/server/key.js";
import { recipeSchema } from "../../../src/protocol/recipe.js";

const recipe = recipeSchema.parse({
  model: "m",
  targetLength: 4096,
  corpus: { include: ["*.txt"] },
  evaluation: {
    models: ["b", "a", "b"].map((key, place) => ({ name: `s${String(place)}`, server: { url: "http://localhost:1/v1", model: "m", key } })),
  },
});

describe("keys of servers", () => {
  it("come from the environment by a name that any shell can set", () => {
    expect(keyVariable("my-server.1")).toBe("LONGRECIPE_KEY_MY_SERVER_1");
    const server = serverSchema.parse({ url: "http://localhost:1/v1", model: "m", key: "open-ai" });
    expect(keyOf(server, { LONGRECIPE_KEY_OPEN_AI: " secret\n" })).toBe("secret");
    expect(keyOf({ key: undefined }, {})).toBeUndefined();
    expect(() => keyOf(server, { LONGRECIPE_KEY_OPEN_AI: " " })).toThrow(/open-ai/u);
  });

  it("that are missing are told together, each once", () => {
    expect(() => requireKeys(recipe, { LONGRECIPE_KEY_A: "x" })).toThrow("needs the key b ");
    expect(() => requireKeys(recipe, {})).toThrow("needs keys a, b ");
    expect(() => requireKeys(recipe, { LONGRECIPE_KEY_A: "x", LONGRECIPE_KEY_B: "y" })).not.toThrow();
  });

  it("reach no worker and no text", () => {
    expect({ PATH: "/bin", LONGRECIPE_KEY_A: "x", ...withoutKeys({ PATH: "/bin", LONGRECIPE_KEY_A: "x" }) }).toEqual({
      PATH: "/bin",
      LONGRECIPE_KEY_A: undefined,
    });
    expect(redacted("Bearer abc is not abc", "abc")).toBe("Bearer [key] is not [key]");
  });
});
