/** How fast a stage goes and when it will end, from its latest progress. */

/** Seconds of history that the rate is taken from: long enough to be steady, short enough to follow changes. */
const horizon = 30_000;

/** Progress against time, kept for the last half minute or so. */
export class RateMeter {
  private points: { time: number; done: number }[] = [];

  /** @param time milliseconds since the epoch */
  add(time: number, done: number): void {
    const last = this.points.at(-1);
    // Going back means that another pass, or another job of the stage, began.
    if (last && done < last.done) this.points = [];
    this.points.push({ time, done });
    while (this.points.length > 2 && time - (this.points[1]?.time ?? time) > horizon) this.points.shift();
  }

  /** Units a second; null while too little is known. */
  rate(): number | null {
    const first = this.points[0];
    const last = this.points.at(-1);
    if (!first || !last || last.time <= first.time || last.done <= first.done) return null;
    return (1000 * (last.done - first.done)) / (last.time - first.time);
  }

  /** Seconds until `total` is reached; null while unknown. */
  secondsLeft(total: number): number | null {
    const rate = this.rate();
    const last = this.points.at(-1);
    return rate === null || !last ? null : Math.max(0, total - last.done) / rate;
  }
}

/** 75 as "1:15", 3675 as "1:01:15". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${String(hours)}:${two(minutes)}:${two(whole % 60)}` : `${String(minutes)}:${two(whole % 60)}`;
}

/** 1234567 as "1.23M". */
export function formatCount(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)}G`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(2);
}
