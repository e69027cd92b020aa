import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptySnapshot, type RunSnapshot } from "../../../src/protocol/runSnapshot.js";
import { accuracyByLength, needleGrids, needleTasks, perplexities, wilson } from "../../../webview/charts/needleData.js";
import { RemainingTime } from "../../../webview/eta.js";
import { parseMessage } from "../../../webview/messages.js";
import { resultsOf } from "../../../webview/player/results.js";
import { appendMessage, runOf, snapshotMessage, type Scene } from "../../../webview/player/scenes.js";
import { Store } from "../../../webview/store.js";
import { resultsSchema } from "../../../src/protocol/results.js";

const scene: Scene = { name: "training", points: 100, epoch: 1, now: 1_700_000_000_000 };

describe("results", () => {
  const results = resultsOf();

  it("of the player are such as the schema allows", () => {
    expect(resultsSchema.parse(results)).toEqual(results);
  });

  it("become one grid a model over the same lengths and depths", () => {
    expect(needleTasks(results)).toEqual(["needle"]);
    const grids = needleGrids(results, "needle");
    expect(grids.map(({ model }) => model)).toEqual(["base", "rope", "extended", "merged"]);
    expect(grids[0]?.lengths).toEqual([128, 256, 384, 512, 768, 1024, 1536, 2048]);
    for (const { cells } of grids) expect(cells.flat().reduce((sum, cell) => sum + (cell?.trials.length ?? 0), 0)).toBe(320);
  });

  it("say of each cell the mean of its own trials", () => {
    const rows = results.rows.filter((row) => row.model === "base" && row.length === 384 && row.depth === 0.5 && row.task === "needle");
    const cell = needleGrids(results, "needle")[0]?.cells[2]?.[2];
    expect(cell?.mean).toBe(rows.reduce((sum, row) => sum + row.score, 0) / rows.length);
  });

  it("leave a hole where nothing was tried, and take random depths together by tenths", () => {
    const [row] = results.rows;
    const rows = Array.from({ length: 40 }, (_, index) => ({ ...row!, depth: index / 39, length: index % 2 === 0 ? 128 : 256 }));
    const [grid] = needleGrids({ ...results, rows }, "needle");
    expect(grid?.depths).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    const [sparse] = needleGrids(
      {
        ...results,
        rows: [
          { ...row!, length: 128, depth: 0 },
          { ...row!, length: 256, depth: 1 },
        ],
      },
      "needle",
    );
    expect(sparse?.cells.map((cells) => cells.map((cell) => cell === null))).toEqual([
      [false, true],
      [true, false],
    ]);
  });

  it("give accuracy by length with an interval that holds it", () => {
    for (const { points } of accuracyByLength(results, "needle")) {
      for (const point of points) {
        expect(point.trials).toBe(40);
        expect(point.low).toBeLessThanOrEqual(point.mean);
        expect(point.high).toBeGreaterThanOrEqual(point.mean);
      }
    }
  });

  it("give perplexity, weighted by tokens", () => {
    const [row] = results.rows.filter(({ task }) => task === "perplexity");
    const rows = [
      { ...row!, length: 100, score: Math.log(4), tokens: 1 },
      { ...row!, length: 200, score: Math.log(16), tokens: 3 },
      { ...row!, length: 400, score: Math.log(32), tokens: 5 },
    ];
    const { bins, rows: table } = perplexities({ ...results, window: 200, rows });
    expect(bins).toEqual([100, 200, 400]);
    expect(table[0]?.inside).toBeCloseTo(2 ** ((2 + 12) / 4));
    expect(table[0]?.beyond).toBeCloseTo(32);
    expect(table[0]?.values.map((value) => Math.round(value))).toEqual([4, 16, 32]);
  });
});

describe("wilson", () => {
  it("gives the published interval, and has width at the ends", () => {
    const { low, high } = wilson(0.9, 10);
    expect([low, high].map((value) => value.toFixed(3))).toEqual(["0.596", "0.982"]);
    expect(wilson(1, 8).low).toBeLessThan(0.7);
    expect(wilson(0, 8).high).toBeGreaterThan(0.3);
    expect(wilson(NaN, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe("messages", () => {
  it("pass when they are whole", () => {
    const snapshot = snapshotMessage({ ...scene, name: "completed" });
    expect(parseMessage(snapshot)).toEqual({ message: snapshot, problems: [] });
    const append = appendMessage(scene, 100, 5, scene.now);
    expect(parseMessage(append)).toEqual({ message: append, problems: [] });
  });

  it("never throw, whatever comes", () => {
    fc.assert(
      fc.property(fc.anything(), (data) => {
        expect(parseMessage(data)).toMatchObject({ message: null, problems: [expect.stringContaining("could not be read") as string] });
      }),
    );
  });

  it("lose only what is damaged", () => {
    const snapshot = { ...snapshotMessage({ ...scene, name: "completed" }), results: { rows: [{ model: 3 }] }, notices: ["kept", 7] };
    const { message, problems } = parseMessage(snapshot);
    expect(problems).toEqual(["The evaluation results are damaged and are not shown."]);
    expect(message).toMatchObject({ type: "snapshot", results: null, notices: ["kept"], identity: { name: "extend-tiny-2k" } });
  });
});

describe("store", () => {
  it("appends to the snapshot of the same epoch and refuses the rest", () => {
    const store = new Store();
    expect(store.apply(appendMessage(scene, 0, 5, scene.now))).toBe(false);
    expect(store.apply(snapshotMessage(scene))).toBe(true);
    expect(store.apply(appendMessage(scene, 100, 5, scene.now))).toBe(true);
    expect(store.state?.buffers.get("extend")?.length).toBe(105);
    expect(store.apply(appendMessage({ ...scene, epoch: 2 }, 105, 5, scene.now))).toBe(false);
    expect(store.state?.buffers.get("extend")?.length).toBe(105);
    expect(store.apply(snapshotMessage({ ...scene, epoch: 2, points: 50 }))).toBe(true);
    expect(store.state?.buffers.get("extend")?.length).toBe(50);
  });
});

describe("remaining time", () => {
  /** The significance stage at `done` of 100, `seconds` after it began at zero. */
  function at(done: number, seconds: number, startedAt = 0): RunSnapshot {
    return {
      ...emptySnapshot,
      currentStage: "significance",
      updatedAt: seconds * 1000,
      stages: emptySnapshot.stages.map((stage) =>
        stage.name === "significance"
          ? { ...stage, status: "running", startedAt, fraction: done / 100, progress: { done, total: 100, unit: "documents" } }
          : stage,
      ),
    };
  }

  it("comes from the stage's own start at first, then from the pace that was seen", () => {
    const remaining = new RemainingTime();
    remaining.observe(at(20, 10));
    expect(remaining.seconds(at(20, 10), undefined)).toBeCloseTo(40);
    remaining.observe(at(40, 12));
    expect(remaining.seconds(at(40, 12), undefined)).toBeCloseTo(6);
  });

  it("does not count work that a resumed stage never did", () => {
    const remaining = new RemainingTime();
    remaining.observe(at(50, 100, 99_000));
    remaining.observe(at(51, 110, 99_000));
    expect(remaining.seconds(at(51, 110, 99_000), undefined)).toBeCloseTo(490);
  });

  it("comes from the steps while a stage trains", () => {
    const store = new Store();
    store.apply(snapshotMessage(scene));
    const run = runOf(scene);
    expect(new RemainingTime().seconds(run, store.state?.buffers.get("extend"))).toBeCloseTo(300 * 0.4);
  });

  it("is not told where it is not known", () => {
    const remaining = new RemainingTime();
    expect(remaining.seconds(emptySnapshot, undefined)).toBeNaN();
    expect(remaining.seconds({ ...at(20, 10), status: "paused" }, undefined)).toBeNaN();
    expect(remaining.seconds(at(0, 10), undefined)).toBeNaN();
  });
});
