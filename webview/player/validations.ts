/** Validations as a run of the embedded model emits them at its checkpoints. */
import type { EventOf } from "../../src/protocol/events.js";

const lengths = [128, 256, 512, 1024, 2048];
const depths = [0, 0.5, 1];
const every = 50;

/** One validation each {@link every} steps up to `points`: what lies beyond the window is learned on the way. */
export function validations(points: number): Omit<EventOf<"validation">, "seq" | "time">[] {
  const count = Math.min(8, Math.floor(points / every));
  return Array.from({ length: count }, (_, index) => {
    const learned = 1 - Math.exp(-(index + 1) / 1.6);
    return {
      kind: "validation",
      stage: "extend",
      step: (index + 1) * every,
      perplexity: { inside: 9.9 + 0.4 * Math.exp(-index), beyond: 10.4 + 60 * Math.exp(-(index + 1) / 1.4) },
      needles: lengths.flatMap((length) =>
        depths.map((depth) => {
          const over = Math.max(0, Math.log2(length / 256) / 3);
          const score = Math.max(0, Math.min(1, 1 - over * (1 - learned) * (1.4 - 0.5 * depth)));
          return { length, depth, score: Math.round(score * 4) / 4 };
        }),
      ),
    };
  });
}
