/** What a person chose for highlighting, as VS Code keeps it between windows: checked when it is read. */

export type HighlightSource = { readonly kind: "auto" } | { readonly kind: "live" } | { readonly kind: "run"; readonly directory: string };

export const leastShare = 0.05;
export const mostShare = 0.5;
const usualShare = 0.2;

/** The share within its bounds; the paper's fifth where there is none. */
export function shareOf(value: unknown): number {
  if (typeof value !== "number" || Number.isNaN(value)) return usualShare;
  return Math.min(mostShare, Math.max(leastShare, Math.round(value * 1000) / 1000));
}

export function sourceOf(value: unknown): HighlightSource {
  if (typeof value === "object" && value !== null && "kind" in value) {
    if (value.kind === "live") return { kind: "live" };
    if (value.kind === "run" && "directory" in value && typeof value.directory === "string") {
      return { kind: "run", directory: value.directory };
    }
  }
  return { kind: "auto" };
}
