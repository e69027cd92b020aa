/** Messages of the host to the sample inspector, made up: a text with emoji, CJK and markup, cut into segments with skips. */
import type { HostToInspector, InspectedSample, SampleSet } from "../../../src/protocol/sampleInspector.js";

const sentences = [
  "The access code of Lisbon is 48213. ",
  "Nobody remembered who had written <img src=x onerror=alert(1)> into the ledger. ",
  "東京の図書館には古い地図がある。",
  "She waved 👋🏽 and left the harbour before noon. ",
  "In 1871 the lighthouse burned for three days & nights. ",
  "Rain fell; the keeper counted 212 steps. ",
];

/** A sample of `count` segments; the same number, the same sample. */
export function madeSample(set: SampleSet, sample: number, count = 24, target = 2048): InspectedSample {
  let text = "";
  const starts: number[] = [];
  const ends: number[] = [];
  const positions: number[] = [];
  const segments: number[] = [];
  const score: number[] = [];
  let position = 0;
  for (let segment = 0; segment < count; segment++) {
    segments.push(starts.length);
    if (segment > 0 && set === "extend") position += ((segment * 7919 + sample * 131) % 90) + 1;
    // Tokens: runs of letters or digits with the blank before them, else single characters.
    for (const match of (sentences[(segment + sample) % sentences.length] ?? "").matchAll(/ ?[\p{L}\p{N}]{1,6}|[\s\S]/gu)) {
      starts.push(text.length);
      text += match[0];
      ends.push(text.length);
      positions.push(position++);
      score.push(/\d/.test(match[0]) ? 2 + (starts.length % 5) : ((starts.length * 37) % 100) / 90);
    }
  }
  if (position > target) throw new Error("The sample does not fit its window.");
  return {
    set,
    sample,
    text,
    threshold: 1,
    positions: Int32Array.from(positions),
    segments: Int32Array.from(segments),
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
    score: Float32Array.from(score),
    sources: [
      { token: 0, path: "corpus/harbour.txt", offset: 1200 },
      { token: Math.floor(starts.length / 2), path: "corpus/keepers.md", offset: 0 },
    ],
  };
}

export function inspectorSnapshot(sample: InspectedSample | null, notices: readonly string[] = []): HostToInspector {
  const sets = [
    { set: "extend", samples: 512 },
    { set: "replay", samples: 100 },
  ] as const;
  return {
    type: "snapshot",
    run: { name: "extend-tiny-2k", directory: "/workspace/.longrecipe/runs/extend-tiny-2k", window: 256, targetLength: 2048, sets },
    sample,
    notices,
  };
}
