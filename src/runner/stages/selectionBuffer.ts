/** Rows of the selection table gathered by columns into batches. */
import type { SentenceCounts } from "../../recipe/select.js";
import type { tables } from "../tables/columns.js";
import type { TableWriter } from "../tables/writer.js";

const batchRows = 1 << 16;

export class SelectionBuffer {
  private readonly ints = { document: newInts(), sentence: newInts(), first: newInts(), end: newInts(), impactful: newInts() };
  private readonly score = new Float32Array(batchRows);
  private rows = 0;

  constructor(private readonly writer: TableWriter<typeof tables.selection>) {}

  /** Adds every sentence of a document of `tokens` tokens. */
  async add(document: number, tokens: number, { first, impactful, score }: SentenceCounts): Promise<void> {
    for (let sentence = 0; sentence < first.length; sentence++) {
      const { ints, rows } = this;
      ints.document[rows] = document;
      ints.sentence[rows] = sentence;
      ints.first[rows] = first[sentence] ?? 0;
      ints.end[rows] = first[sentence + 1] ?? tokens;
      ints.impactful[rows] = impactful[sentence] ?? 0;
      this.score[rows] = score[sentence] ?? 0;
      this.rows++;
      if (this.rows === batchRows) await this.flush();
    }
  }

  async flush(): Promise<void> {
    const { ints, rows } = this;
    // Copies: the writer may still hold them when the next rows come.
    const columns = Object.fromEntries(Object.entries(ints).map(([name, values]) => [name, values.slice(0, rows)])) as typeof ints;
    await this.writer.appendColumns({ ...columns, score: this.score.slice(0, rows) }, rows);
    this.rows = 0;
  }
}

function newInts(): Int32Array {
  return new Int32Array(batchRows);
}
