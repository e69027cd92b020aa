/** Coverage of the samples of a run, and of what other strategies would have made of the same texts. */
import { strategySchema, type CoverageFile } from "../../protocol/coverage.js";
import { CoverageCounter } from "../../recipe/coverage.js";
import { drawPositions, type PositionStrategy } from "../../recipe/positions.js";
import { Random } from "../../recipe/random.js";
import type { ExtendSample, SampleOptions } from "../../recipe/samples.js";

/** Samples counted at most, spread evenly over the run's; for the other strategies a tenth of it. */
const mostSamples = 1_000;

export class CoverageRecorder {
  private readonly own: PositionStrategy;
  private readonly counters: ReadonlyMap<PositionStrategy, CoverageCounter>;
  private readonly random: Random;
  /** Every how many samples one is counted. */
  private readonly stride: number;

  constructor(private readonly options: Pick<SampleOptions, "samples" | "trainedLength" | "positions" | "seed">) {
    const { targetLength, strategy } = options.positions;
    this.own = strategy;
    this.counters = new Map(strategySchema.options.map((name) => [name, new CoverageCounter(targetLength)]));
    this.random = new Random(options.seed, "coverage");
    this.stride = Math.ceil(options.samples / mostSamples);
  }

  add(sample: ExtendSample): void {
    if (sample.sample % this.stride !== 0) return;
    this.counters.get(this.own)?.add(sample.positions);
    if (sample.sample % (this.stride * 10) === 0) this.simulate(sample);
  }

  /** The other strategies: `full` at length T, the others on as many tokens of this text as a sample may have. */
  private simulate({ ids, sentences }: ExtendSample): void {
    const { positions, trainedLength } = this.options;
    for (const [strategy, counter] of this.counters) {
      if (strategy === this.own) continue;
      const length = strategy === "full" ? positions.targetLength : Math.min(ids.length, trainedLength);
      const whole = sentences.filter((start) => start < length);
      counter.add(drawPositions(length, whole, { ...positions, strategy }, this.random).positions);
    }
  }

  file(): CoverageFile {
    const results = [...this.counters].map(([strategy, counter]) =>
      counter.result(strategy, strategy === this.own ? "samples" : "simulated"),
    );
    return { strategy: this.own, coverage: results.sort((a, b) => Number(b.strategy === this.own) - Number(a.strategy === this.own)) };
  }
}
