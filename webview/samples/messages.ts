/** Checks what arrives at the inspector's border; what cannot be shown is told, and the rest is shown. */
import { sampleSets, type HostToInspector, type InspectedSample } from "../../src/protocol/sampleInspector.js";

/** The message in `data`, or why it is none. */
export function parseInspectorMessage(data: unknown): { readonly message: HostToInspector } | { readonly problem: string } {
  if (!isRecord(data)) return refused("it is not an object");
  switch (data["type"]) {
    case "notice":
      return typeof data["text"] === "string" ? { message: { type: "notice", text: data["text"] } } : refused("it has no text");
    case "snapshot":
      if (!isRun(data["run"])) return refused("it does not say which run it is");
      if (data["sample"] !== null && !isSample(data["sample"])) return refused("its sample is damaged");
      return { message: data as HostToInspector };
    case "sample":
      return isSample(data["sample"]) ? { message: data as HostToInspector } : refused("its sample is damaged");
    default:
      return refused("its type is not known");
  }
}

function refused(why: string): { readonly problem: string } {
  return { problem: `A message from the extension could not be read: ${why}.` };
}

function isRun(value: unknown): boolean {
  return isRecord(value) && typeof value["name"] === "string" && typeof value["targetLength"] === "number" && Array.isArray(value["sets"]);
}

function isSample(value: unknown): value is InspectedSample {
  if (!isRecord(value) || !sampleSets.some((set) => set === value["set"])) return false;
  const { positions, segments, text, starts, ends, score, sources } = value;
  if (!(positions instanceof Int32Array && segments instanceof Int32Array && typeof text === "string" && Array.isArray(sources)))
    return false;
  if (!(starts instanceof Int32Array && ends instanceof Int32Array && score instanceof Float32Array)) return false;
  const told = text === "" ? 0 : positions.length;
  return starts.length === told && ends.length === told && score.length === told;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
