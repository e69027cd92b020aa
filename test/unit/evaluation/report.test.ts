import { describe, expect, it } from "vitest";
import { htmlReport } from "../../../src/evaluation/reportHtml.js";
import { markdownReport } from "../../../src/evaluation/reportMarkdown.js";
import { summarize } from "../../../src/evaluation/summary.js";
import { exampleResults } from "./exampleResults.js";

const losses = [
  { stage: "extend", step: [1, 2, 3], loss: [3, 2.5, 2.25] },
  { stage: "replay", step: [1], loss: [2] },
];
const diagnosis = { kind: "diagnosis", title: "Far <b>away</b>", evidence: "9 | 1", cause: "text", setting: "replay.corpus" } as const;
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
