/** Parts that arrive by messages, to be read as they come. One reader. */
import type { ScoredPart } from "../protocol/tokenScores.js";

export class PartQueue {
  readonly #parts: ScoredPart[] = [];
  #error: Error | null = null;
  #over = false;
  #wake: (() => void) | null = null;

  /** No further part will come. */
  get isOver(): boolean {
    return this.#over;
  }

  add(part: ScoredPart): void {
    this.#parts.push(part);
    this.#wake?.();
  }

  end(): void {
    this.#over = true;
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#error ??= error;
    this.end();
  }

  /** @throws what `fail` was given, after the parts before it */
  async *parts(): AsyncGenerator<ScoredPart> {
    for (;;) {
      const part = this.#parts.shift();
      if (part) {
        yield part;
        continue;
      }
      if (this.#error) throw this.#error;
      if (this.#over) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
  }
}
