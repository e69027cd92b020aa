/** The scheduler's clock in a browser. */
import type { Clock } from "./scheduler.js";

export const browserClock: Clock = {
  now: () => performance.now(),
  frame: (run) => void requestAnimationFrame(run),
  later: (run, milliseconds) => void setTimeout(run, milliseconds),
};
