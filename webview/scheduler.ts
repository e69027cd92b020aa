/** Redraws at most ten times a second, at once while a person drags; never more than once a frame, never while hidden. */

export const interval = 100;

/** What the scheduler needs of a browser; a test brings its own. */
export interface Clock {
  now(): number;
  frame(run: () => void): void;
  later(run: () => void, milliseconds: number): void;
}

export class Redraw {
  #asked = false;
  #framed = false;
  #waiting = false;
  #last = -Infinity;

  constructor(
    private readonly draw: () => void,
    private readonly clock: Clock,
  ) {}

  /** Asks for a redraw; `now`: the next frame, however recent the last one was. */
  request(now = false): void {
    this.#asked = true;
    const wait = this.#last + interval - this.clock.now();
    if (now || wait <= 0) {
      this.#nextFrame();
    } else if (!this.#waiting) {
      this.#waiting = true;
      this.clock.later(() => {
        this.#waiting = false;
        if (this.#asked) this.#nextFrame();
      }, wait);
    }
  }

  #nextFrame(): void {
    if (this.#framed) return;
    this.#framed = true;
    this.clock.frame(() => {
      this.#framed = false;
      if (!this.#asked) return;
      this.#asked = false;
      this.#last = this.clock.now();
      this.draw();
    });
  }
}
