/** Lets a function be asked for as often as one likes, and runs it at most once an interval. */
export class Pacer {
  private timer: NodeJS.Timeout | null = null;
  private last = 0;

  constructor(
    private readonly work: () => void,
    private readonly intervalMs: number,
  ) {}

  /** Runs the work now, or at the end of the interval that the last time began. */
  ask(): void {
    if (this.timer !== null) return;
    const wait = Math.max(0, this.last + this.intervalMs - Date.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.last = Date.now();
      this.work();
    }, wait);
  }

  /** Forgets what was asked for. */
  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
