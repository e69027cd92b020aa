/** The columns of every table of protocol/tables.ts, and the row types that follow from them. */
import { Field, Float32, Int32, List, Schema, Utf8, type DataType } from "apache-arrow";

export type ColumnType = "int32" | "float32" | "utf8" | "list<int32>" | "list<float32>" | "list<utf8>";
export type TableColumns = Readonly<Record<string, ColumnType>>;

interface CellTypes {
  int32: number;
  float32: number;
  utf8: string;
  "list<int32>": Int32Array;
  "list<float32>": Float32Array;
  "list<utf8>": readonly string[];
}

/** One row of a table with the given columns. */
export type RowOf<C extends TableColumns> = { readonly [K in keyof C]: CellTypes[C[K]] };

/** Columns by table; see protocol/tables.ts for what they mean. */
export const tables = {
  documents: { document: "int32", path: "utf8", hash: "utf8", text: "utf8" },
  tokens: { document: "int32", ids: "list<int32>", starts: "list<int32>", ends: "list<int32>" },
  scores: { document: "int32", logit: "list<float32>", logprob: "list<float32>" },
  significance: {
    document: "int32",
    path: "utf8",
    hash: "utf8",
    starts: "list<int32>",
    ends: "list<int32>",
    score: "list<float32>",
    base: "list<float32>",
    extended: "list<float32>",
  },
  selection: { document: "int32", sentence: "int32", first: "int32", end: "int32", impactful: "int32", score: "float32" },
  samples: { sample: "int32", document: "int32", ids: "list<int32>", positions: "list<int32>", segments: "list<int32>" },
  /** Samples with the loss weight of each token; readers of `samples` take it too. */
  weightedSamples: {
    sample: "int32",
    document: "int32",
    ids: "list<int32>",
    positions: "list<int32>",
    segments: "list<int32>",
    weights: "list<float32>",
  },
  origins: { sample: "int32", document: "list<int32>", first: "list<int32>", end: "list<int32>" },
  prompts: { prompt: "int32", ids: "list<int32>" },
  /** Prompts with limits of their own; readers of `prompts` take it too. */
  limitedPrompts: { prompt: "int32", ids: "list<int32>", maxNewTokens: "int32", stop: "list<utf8>" },
  generations: { prompt: "int32", ids: "list<int32>", text: "utf8" },
  textPairs: { pair: "int32", candidate: "utf8", reference: "utf8" },
  textScores: { pair: "int32", precision: "float32", recall: "float32", f1: "float32" },
  abilities: { task: "utf8", metric: "utf8", document: "int32", score: "float32", answer: "utf8", target: "utf8" },
} as const satisfies Record<string, TableColumns>;

export type TableName = keyof typeof tables;

const int32List = new List(new Field("item", new Int32(), true));
const float32List = new List(new Field("item", new Float32(), true));
const utf8List = new List(new Field("item", new Utf8(), true));

export function arrowType(type: ColumnType): DataType {
  switch (type) {
    case "int32":
      return new Int32();
    case "float32":
      return new Float32();
    case "utf8":
      return new Utf8();
    case "list<int32>":
      return int32List;
    case "list<float32>":
      return float32List;
    case "list<utf8>":
      return utf8List;
  }
}

export function arrowSchema(columns: TableColumns): Schema {
  return new Schema(Object.entries(columns).map(([name, type]) => new Field(name, arrowType(type), true)));
}
