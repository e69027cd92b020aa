/** Curves that look like training, from a counter-based noise, so that any stretch can be made on its own. */
import type { MetricSeries } from "../../src/protocol/dashboard.js";
import type { StageName } from "../../src/protocol/stages.js";

const millisecondsAStep = 400;

/** Points [from, from + count); the last one falls on `now`. `paused`: with a standstill of ten minutes in the middle. */
export function curve(stage: StageName, from: number, count: number, now: number, paused: boolean): MetricSeries {
  const columns = {
    step: new Float64Array(count),
    time: new Float64Array(count),
    loss: new Float64Array(count),
    learningRate: new Float64Array(count),
    gradNorm: new Float64Array(count),
    tokensPerSecond: new Float64Array(count),
    memoryBytes: new Float64Array(count),
    modelFlopsUtilization: new Float64Array(count),
  };
  const start = stage === "replay" ? 2.05 : 3.4;
  for (let index = 0; index < count; index++) {
    const step = from + index + 1;
    const pause = paused && index < count * 0.45 ? 600_000 : 0;
    columns.step[index] = step;
    columns.time[index] = now - (count - 1 - index) * millisecondsAStep - pause;
    const spike = noise(step, 7) > 0.997 ? 0.8 : 0;
    columns.loss[index] = 1.9 + (start - 1.9) * Math.exp(-step / 90) + 0.12 * (noise(step, 1) - 0.5) + spike;
    columns.learningRate[index] = 5e-5 * Math.min(1, step / 20);
    columns.gradNorm[index] = 0.6 + 2 * Math.exp(-step / 60) + 0.3 * noise(step, 2) + 3 * spike;
    columns.tokensPerSecond[index] = 6100 + 500 * (noise(step, 3) - 0.5) - (noise(step, 4) > 0.98 ? 1500 : 0);
    columns.modelFlopsUtilization[index] = (columns.tokensPerSecond[index] ?? 0) / 17_000;
    columns.memoryBytes[index] = 1.31e9 + 2e7 * Math.min(1, step / 50) + 1e6 * noise(step, 5);
  }
  return { stage, ...columns };
}

/** Uniform in [0, 1) from a hash of counter and stream (Steele and Vigna's mixing constants). */
export function noise(counter: number, stream: number): number {
  let hash = (counter * 0x9e3779b1 + stream * 0x85ebca6b) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return ((hash ^ (hash >>> 15)) >>> 0) / 4294967296;
}
