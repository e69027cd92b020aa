/** A live region for screen readers: polite, and throttled, so that a quick run does not talk without end. */
import { element } from "../dom.js";

const quiet = 2000;

export class Announcer {
  readonly element = element("div", { class: "visually-hidden", attributes: { role: "status", "aria-live": "polite" } });
  #next = "";
  #waiting = false;
  #last = -Infinity;

  /** Says `text` now, or the newest of several in two seconds. */
  say(text: string): void {
    this.#next = text;
    if (this.#waiting) return;
    const wait = Math.max(0, this.#last + quiet - performance.now());
    this.#waiting = true;
    setTimeout(() => {
      this.#waiting = false;
      this.#last = performance.now();
      this.element.textContent = this.#next;
    }, wait);
  }
}
