/** Runs of neighbouring tokens that a sample is made of. */

/** Where a sample's tokens come from, run by run: tokens [first, end) of a document, by its number in the tables. */
export interface Origins {
  readonly document: Int32Array;
  readonly first: Int32Array;
  readonly end: Int32Array;
}

/** Gathers runs; one that goes on where the last one ended makes it longer. */
export class Runs {
  count = 0;
  /** Number of the part of the stretch. */
  part = new Int32Array(1024);
  /** First token in the part's document. */
  first = new Int32Array(1024);
  end = new Int32Array(1024);

  /** Begins anew. */
  reset(): void {
    this.count = 0;
  }

  add(part: number, first: number, tokens: number): void {
    if (tokens === 0) return;
    const last = this.count - 1;
    if (last >= 0 && this.part[last] === part && this.end[last] === first) {
      this.end[last] = first + tokens;
      return;
    }
    if (this.count === this.part.length) this.grow();
    const at = this.count++;
    this.part[at] = part;
    this.first[at] = first;
    this.end[at] = first + tokens;
  }

  /** @param documentOf number of a part's document in the tables */
  origins(documentOf: (part: number) => number): Origins {
    const { count } = this;
    const document = new Int32Array(count);
    for (let run = 0; run < count; run++) document[run] = documentOf(this.part[run] ?? 0);
    return { document, first: this.first.slice(0, count), end: this.end.slice(0, count) };
  }

  private grow(): void {
    for (const name of ["part", "first", "end"] as const) {
      const larger = new Int32Array(this.count * 2);
      larger.set(this[name]);
      this[name] = larger;
    }
  }
}
