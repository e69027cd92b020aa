/** What the worker needs of a Python, read from its pyproject.toml, and whether an interpreter has it. */
import { readFile } from "node:fs/promises";
import type { Probe } from "./probe.js";

export interface Requirement {
  readonly name: string;
  readonly operator: ">=" | "==";
  readonly version: string;
}

export interface Requirements {
  /** Least Python version, e.g. "3.11". */
  readonly python: string;
  readonly packages: readonly Requirement[];
}

/** First Python that the pinned packages are known not to have builds for. */
export const pythonLimit = "3.15";

/** Reads `requires-python` and `dependencies`; only the forms `>=` and `==` are used there. */
export async function readRequirements(pyproject: string): Promise<Requirements> {
  return parseRequirements(await readFile(pyproject, "utf8"));
}

export function parseRequirements(toml: string): Requirements {
  const python = /^requires-python\s*=\s*">=\s*([\d.]+)"/m.exec(toml)?.[1];
  const list = /^dependencies\s*=\s*\[([^\]]*)\]/m.exec(toml)?.[1];
  if (python === undefined || list === undefined) throw new Error("pyproject.toml lacks requires-python or dependencies.");
  const packages = [...list.matchAll(/"([^"]+)"/g)].map(([, text = ""]) => {
    const match = /^([A-Za-z0-9_.-]+)\s*(>=|==)\s*([\w.]+)$/.exec(text);
    if (!match) throw new Error(`pyproject.toml: the dependency "${text}" has a form that is not understood.`);
    return { name: match[1] ?? "", operator: match[2] === "==" ? "==" : ">=", version: match[3] ?? "" } as const;
  });
  return { python, packages };
}

/** What an interpreter lacks, each in words; empty when the worker can run in it. */
export function missing(probe: Probe, requirements: Requirements): string[] {
  const problems = pythonProblem(probe.version, requirements);
  const lacks = requirements.packages.flatMap(({ name, operator, version }) => {
    const found = probe.packages[name];
    const wanted = `${name}${operator}${version}`;
    if (found === undefined) return [`${wanted} is not installed`];
    // The part after + says how a package was built (2.13.0+cpu), not which version it is.
    const order = compareVersions(found.replace(/\+.*/, ""), version);
    return order === 0 || (operator === ">=" && order > 0) ? [] : [`${wanted} is needed, ${found} is installed`];
  });
  return [...(problems === null ? [] : [problems]), ...lacks];
}

/** Why a Python of this version cannot be used, or null. */
export function pythonProblem(version: string, requirements: Pick<Requirements, "python">): string | null {
  if (compareVersions(version, requirements.python) >= 0 && compareVersions(version, pythonLimit) < 0) return null;
  return `Python ${requirements.python} or newer, older than ${pythonLimit}, is needed; this is ${version}`;
}

/** Compares the numbers of two versions; missing ones count as 0. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string): number[] => version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const left = numbers(a);
  const right = numbers(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
