/** Remembers over windows which faults were told. Knows nothing of VS Code. */

/** Where it is kept: a `vscode.Memento`, or anything like it. */
export interface Store {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const key = "longrecipe.faultsTold";
/** Faults kept by name; older ones lie before `seenUntil` anyway. */
const kept = 50;
/** Milliseconds between two notes of the time: what a crash can make appear twice. */
const noteInterval = 60_000;

interface Memory {
  /** Up to when a window watched, in milliseconds since the epoch. */
  readonly seenUntil: number;
  readonly told: readonly string[];
}

/**
 * A fault is news when it came after the last window of this workspace had stopped watching, and was told by none. In a
 * workspace that was never watched, what lies there already is not news.
 */
export class FaultMemory {
  private readonly since: number;
  private readonly told: Set<string>;
  private noted: number;

  constructor(
    private readonly store: Store,
    private readonly now: () => number = Date.now,
  ) {
    const memory = asMemory(store.get(key));
    this.since = memory?.seenUntil ?? now();
    this.told = new Set(memory?.told ?? []);
    // The first look writes, so that what follows a short visit is news to the next window.
    this.noted = -Infinity;
  }

  /** Whether to tell of a fault; from now on it counts as told. `time` in milliseconds since the epoch. */
  async isNews(name: string, time: number): Promise<boolean> {
    if (time < this.since || this.told.has(name)) return false;
    this.told.add(name);
    await this.note();
    return true;
  }

  /** Says that this window watches; call it often, it writes seldom. */
  async watching(): Promise<void> {
    if (this.now() - this.noted >= noteInterval) await this.note();
  }

  private async note(): Promise<void> {
    this.noted = this.now();
    const memory: Memory = { seenUntil: this.noted, told: [...this.told].slice(-kept) };
    await this.store.update(key, memory);
  }
}

function asMemory(value: unknown): Memory | null {
  if (typeof value !== "object" || value === null || !("seenUntil" in value) || !("told" in value)) return null;
  const { seenUntil, told } = value;
  if (typeof seenUntil !== "number" || !Array.isArray(told)) return null;
  return { seenUntil, told: told.filter((name) => typeof name === "string") };
}
