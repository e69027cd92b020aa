import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheDirectory, packageRoot, venvPython, workerProject } from "../../../src/environment/locations.js";
import { compareVersions, missing, parseRequirements, pythonProblem, readRequirements } from "../../../src/environment/requirements.js";

const requirements = {
  python: "3.11",
  packages: [
    { name: "torch", operator: "==", version: "2.13.0" },
    { name: "peft", operator: ">=", version: "0.9" },
  ],
} as const;

describe("requirements", () => {
  it("reads the worker's own pyproject.toml", async () => {
    const read = await readRequirements(workerProject().pyproject);
    expect(compareVersions(read.python, "3.10")).toBeGreaterThanOrEqual(0);
    expect(read.packages.map(({ name }) => name)).toEqual(expect.arrayContaining(["torch", "transformers", "pyarrow", "safetensors"]));
  });

  it("refuses forms it does not understand instead of passing over them", () => {
    expect(() => parseRequirements('requires-python = ">=3.11"\ndependencies = ["torch~=2.0"]')).toThrow("torch~=2.0");
    expect(() => parseRequirements("[project]")).toThrow("requires-python");
  });

  it("takes a build of the right version, whatever it was built for", () => {
    const probe = { executable: "p", version: "3.11.7", packages: { torch: "2.13.0+cpu", peft: "0.21.2" } };
    expect(missing(probe, requirements)).toEqual([]);
  });

  it("names everything that is missing or too old at once", () => {
    const probe = { executable: "p", version: "3.9.1", packages: { torch: "2.12.1" } };
    expect(missing(probe, requirements)).toEqual([
      "Python 3.11 or newer, older than 3.15, is needed; this is 3.9.1",
      "torch==2.13.0 is needed, 2.12.1 is installed",
      "peft>=0.9 is not installed",
    ]);
  });

  it("compares versions by numbers", () => {
    expect([compareVersions("3.9", "3.10"), compareVersions("0.21", "0.9"), compareVersions("2.13", "2.13.0")]).toEqual([-1, 1, 0]);
    expect([pythonProblem("3.14.2", requirements), pythonProblem("3.15.0", requirements)]).toEqual([null, expect.stringContaining("3.15")]);
  });
});

describe("locations", () => {
  it("finds the program from anywhere inside it", () => {
    expect(packageRoot(join(packageRoot(), "src", "runner", "cli"))).toBe(packageRoot());
    expect(() => packageRoot("/")).toThrow();
  });

  it("keeps the cache where it is told to, then where the system keeps caches", () => {
    expect(cacheDirectory({ LONGRECIPE_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
    expect(cacheDirectory({ XDG_CACHE_HOME: "/b" })).toBe(join("/b", "longrecipe"));
    expect(cacheDirectory({})).toMatch(/longrecipe/);
    expect(venvPython("/v")).toMatch(/python/);
  });
});
