/** Confidence intervals of shares. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % point of the normal distribution: intervals of 95 %. */
const z95 = 1.959963984540054;

/** Wilson score interval of `hits` out of `trials` (Wilson 1927); [0, 1] where nothing was tried. */
export function wilson(hits: number, trials: number, z: number = z95): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const share = hits / trials;
  const scale = 1 + (z * z) / trials;
  const centre = share + (z * z) / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  // At 0 and 1 the bounds are exact; rounding must not move them.
  return { low: hits === 0 ? 0 : (centre - spread) / scale, high: hits === trials ? 1 : (centre + spread) / scale };
}
