/** Samples the resident memory of this process from a thread of its own, so that busy loops hide nothing. */
import { Worker } from "node:worker_threads";

export interface MemorySample {
  readonly phase: string;
  /** Since the start. */
  readonly seconds: number;
  readonly megabytes: number;
}

const intervalMs = 200;

const sampler = `
const { parentPort } = require("node:worker_threads");
const begun = performance.now();
const samples = [];
setInterval(() => samples.push([(performance.now() - begun) / 1000, process.memoryUsage.rss() / 2 ** 20]), ${intervalMs});
parentPort.on("message", () => parentPort.postMessage(samples));
`;

export class MemoryMeter {
  private readonly worker = new Worker(sampler, { eval: true });
  private readonly begun = performance.now();
  private readonly phases: { name: string; from: number }[] = [];
  private stopped = false;

  phase(name: string): void {
    this.phases.push({ name, from: (performance.now() - this.begun) / 1000 });
  }

  /** Ends the sampling; a second call gives nothing. */
  async stop(): Promise<MemorySample[]> {
    if (this.stopped) return [];
    this.stopped = true;
    const raw = await new Promise<[number, number][]>((resolve) => {
      this.worker.once("message", resolve);
      this.worker.postMessage("give");
    });
    await this.worker.terminate();
    return raw.map(([seconds, megabytes]) => ({
      phase: this.phases.findLast(({ from }) => from <= seconds)?.name ?? "start",
      seconds,
      megabytes,
    }));
  }
}

/** A row for each phase in order, with the course of memory in ten parts of its time. */
export function table(samples: readonly MemorySample[]): string[] {
  const runs: MemorySample[][] = [];
  for (const sample of samples) {
    const run = runs.at(-1);
    if (run?.[0]?.phase === sample.phase) run.push(sample);
    else runs.push([sample]);
  }
  const rows = runs.map((run) => {
    const parts = Array.from({ length: 10 }, (_, part) => run.slice((part * run.length) / 10, ((part + 1) * run.length) / 10));
    const course = parts.flatMap((part) => (part.length === 0 ? [] : [Math.max(...part.map(({ megabytes }) => megabytes)).toFixed(0)]));
    const seconds = (run.at(-1)?.seconds ?? 0) - (run[0]?.seconds ?? 0);
    return `| ${run[0]?.phase ?? ""} | ${seconds.toFixed(0)} | ${Math.max(...run.map(({ megabytes }) => megabytes)).toFixed(0)} | ${course.join(" ")} |`;
  });
  return ["| phase | seconds | peak, MB | largest in each tenth of its time, MB |", "|---|---:|---:|---|", ...rows];
}
