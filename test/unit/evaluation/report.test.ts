import { describe, expect, it } from "vitest";
import { modelCard } from "../../../src/evaluation/modelCard.js";
import { recipeSchema } from "../../../src/protocol/recipe.js";
import type { CoverageFile } from "../../../src/protocol/coverage.js";
import { htmlReport } from "../../../src/evaluation/reportHtml.js";
import { markdownReport } from "../../../src/evaluation/reportMarkdown.js";
import { unmeasured } from "../../../src/recipe/diagnosis/unmeasured.js";
import { summarize } from "../../../src/evaluation/summary.js";
import { exampleResults } from "./exampleResults.js";

const losses = [
  { stage: "extend", step: [1, 2, 3], loss: [3, 2.5, 2.25] },
  { stage: "replay", step: [1], loss: [2] },
];
const diagnosis = { kind: "diagnosis", title: "Far <b>away</b>", evidence: "9 | 1", cause: "text", setting: "replay.corpus" } as const;
const recipe = recipeSchema.parse({
  model: "org/base-7b",
  targetLength: 1024,
  corpus: { include: ["corpus/*.txt"] },
  replay: { corpus: { include: ["general"] } },
});
const validations = [
  { stage: "extend", step: [10, 20], inside: [9, 8.5], beyond: [60, 20] },
  { stage: "replay", step: [5], inside: [8.4], beyond: [NaN] },
];
const edges = [1, 512, 1024];
const coverage: CoverageFile = {
  strategy: "longrecipe",
  coverage: (["longrecipe", "pose"] as const).map((strategy, at) => ({
    strategy,
    source: at === 0 ? "samples" : "simulated",
    targetLength: 1024,
    samples: 3,
    tokens: 900,
    pairs: 12345,
    edges,
    trained: [0.75, 0.25],
    uniform: [0.4995, 0.5005],
    emptyBins: 0,
    totalVariation: 0.2505,
  })),
};
const input = { summary: summarize(exampleResults()), model: "<script>alert(1)</script>", losses, diagnoses: [diagnosis] };

describe("markdownReport", () => {
  const text = markdownReport(input);

  it("holds both tables with every model and length", () => {
    expect(text).toContain("| model | 256 | 512 \\* | 1,024 \\* | up to W | beyond W |");
    expect(text).toMatch(/\| merged \| 100 % \(51–100\) \|/u);
    expect(text).toContain("## Perplexity by position");
    expect(text).toContain("Loss of extend: 3.000 at first, 2.250 at last.");
  });

  it("cannot be broken by names", () => {
    expect(text).toContain("# run \\<1\\> \\| x");
    expect(text).not.toContain("<script>");
  });
});

describe("htmlReport", () => {
  const text = htmlReport(input);

  it("tells what does not hold, with the setting to change", () => {
    expect(text).toContain("<h3>Far &lt;b&gt;away&lt;/b&gt;</h3><dl><dt>Seen</dt><dd>9 | 1</dd>");
    expect(text).toContain("<dt>To change</dt><dd>replay.corpus</dd>");
    expect(markdownReport(input)).toContain("- **Far \\<b\\>away\\</b\\>.** 9 \\| 1 text To change: replay.corpus");
  });

  it("is one file without scripts or outside parts", () => {
    expect(text).not.toMatch(/<script|src=|href=|url\(|@import/u);
    expect(text).toContain("default-src 'none'");
    expect(text).toContain("prefers-color-scheme: dark");
  });

  it("escapes every name", () => {
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text).toContain("&lt;other&gt; &amp; co");
    expect(text).not.toContain("<other>");
  });

  it("has well-formed markup with pictures that have names", () => {
    const open: string[] = [];
    for (const [, closing, name, rest] of text.matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/gu)) {
      if (name === "meta" || rest!.endsWith("/")) continue;
      if (closing === "/") expect(open.pop()).toBe(name);
      else open.push(name!);
    }
    expect(open).toEqual([]);
    // Accuracy, four heat maps, loss.
    expect(text.match(/<svg /gu)).toHaveLength(6);
    expect(text.match(/<svg [^>]*aria-label="[^"]+"/gu)).toHaveLength(6);
    expect(text).not.toContain("NaN");
  });

  it("can do without needles, perplexity or losses", () => {
    const empty = { ...input, summary: summarize({ ...exampleResults(), rows: [] }), losses: [], diagnoses: [] };
    expect(htmlReport(empty)).not.toContain("<svg");
    expect(markdownReport(empty)).not.toContain("##");
  });
});

describe("what could not be told", () => {
  const unknown = unmeasured("whether it holds", { cause: "Too short.", setting: "steps" });

  it("stands apart from what does not hold, so that silence means that it was looked at", () => {
    const both = markdownReport({ ...input, diagnoses: [unknown, diagnosis] });
    expect(both.indexOf("## What does not hold")).toBeLessThan(both.indexOf("## What was not measured"));
    expect(both.indexOf("Far")).toBeLessThan(both.indexOf("Not measured: whether it holds"));
    const alone = htmlReport({ ...input, diagnoses: [unknown] });
    expect(alone).not.toContain("What does not hold");
    expect(alone).toContain("<h2>What was not measured</h2><h3>Not measured: whether it holds</h3><dl><dt>Why</dt><dd>Too short.</dd>");
  });
});

describe("the corpus in the report", () => {
  it("counts documents and tokens by source, and what was left out", () => {
    const corpus = {
      ...{ documents: 5, tokens: 1_234, replayDocuments: 1, replayTokens: 99 },
      sources: [{ key: "corpus[0]", documents: 5, tokens: 1_234, foreign: 0 }],
      replaySources: [{ key: "replay.corpus", documents: 1, tokens: 99, foreign: 4 }],
      omitted: { unreadable: 2, empty: 1, repeated: 3, foreign: 0, examples: [{ path: "a|b.txt", reason: "byte 1 is zero" }] },
      replayOmitted: { unreadable: 1, empty: 0, repeated: 0, foreign: 4, examples: [] },
    };
    const text = markdownReport({ ...input, corpus, scored: { tokens: 1_000, documents: 3, withoutScores: 2 } });
    expect(text).toContain("| corpus\\[0\\] | 5 | 1,234 |");
    expect(text).toContain("| replay.corpus | 1 | 99 |");
    expect(text).toContain(
      "Left out: 3 unreadable, 1 empty and 3 nearly repeated documents. 4 hold tokens that the model lacks. " +
        "The first that cannot be used: a\\|b.txt (byte 1 is zero). For 2 of the corpus a model gave no scores: not trained on.",
    );
  });
});

describe("the training in the report", () => {
  const text = htmlReport({ ...input, validations, coverage, recipe });

  it("shows loss, held-out perplexity and the distances that samples train, and the recipe as a table", () => {
    expect(text.match(/<svg /gu)).toHaveLength(8);
    expect(text).toContain('aria-label="Held-out perplexity by step"');
    expect(text).toContain('aria-label="Trained distances against uniform"');
    expect(text).toContain("pose (simulated)</th><td>12,345</td><td>0 of 2</td><td>0.251</td>");
    expect(text).toContain('<th scope="row">Corpus</th><td>corpus/*.txt</td>');
    expect(text).not.toContain("NaN");
  });
});

describe("modelCard", () => {
  const card = modelCard({ ...input, validations, coverage, recipe });

  it("says base, data, recipe and scores, in the form that hubs read", () => {
    expect(card).toMatch(/^---\nlibrary_name: transformers\n[^]*base_model: org\/base-7b\n[^]*\n---\n\n# run /u);
    for (const part of [
      "from 256 to 1,024 tokens",
      "| Corpus | corpus/\\*.txt |",
      "| Replay | general, 1,000 samples",
      "## Needle in a haystack",
      "## Perplexity by position",
    ])
      expect(card).toContain(part);
    expect(card).toContain("## Known limits");
  });

  it("names no folder as a base on a hub, and cannot be broken by names", () => {
    expect(modelCard({ ...input, recipe: { ...recipe, model: "../models/mine" } })).not.toContain("base_model");
    expect(card).not.toContain("<other>");
  });
});
