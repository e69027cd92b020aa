/** Reads what Python's repr writes for lists, dictionaries, strings and numbers: LooGLE keeps its questions so, and models answer so. */

export type PythonValue = string | number | boolean | null | readonly PythonValue[] | { readonly [key: string]: PythonValue };

/** A text that is no literal. */
export class NoLiteral extends Error {
  constructor(
    readonly at: number,
    what: string,
  ) {
    super(`${what} at character ${String(at + 1)}`);
    this.name = "NoLiteral";
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\u0007",
  "0": "\0",
  "\n": "",
};
const words: Readonly<Record<string, PythonValue>> = { None: null, True: true, False: false, null: null, true: true, false: false };

/** @throws NoLiteral with the place */
export function parsePython(text: string): PythonValue {
  let at = 0;
  const value = read();
  blanks();
  if (at < text.length) throw new NoLiteral(at, "something follows the value");
  return value;

  function blanks(): void {
    while (at < text.length && /\s/u.test(text.charAt(at))) at++;
  }

  function take(character: string): boolean {
    blanks();
    if (text.charAt(at) !== character) return false;
    at++;
    return true;
  }

  function read(): PythonValue {
    if (take("[")) return list("]");
    if (take("(")) return list(")");
    if (take("{")) return dictionary();
    const quote = text.charAt(at);
    if (quote === "'" || quote === '"') return strings();
    const word = /^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[A-Za-z]+)/u.exec(text.slice(at, at + 40))?.[0] ?? "";
    const known = words[word];
    if (word === "" || (known === undefined && !Number.isFinite(Number(word)))) throw new NoLiteral(at, "no value");
    at += word.length;
    return known === undefined ? Number(word) : known;
  }

  function list(end: string): PythonValue[] {
    const values: PythonValue[] = [];
    while (!take(end)) {
      values.push(read());
      if (take(",")) continue;
      if (take(end)) break;
      throw new NoLiteral(at, `no comma and no ${end}`);
    }
    return values;
  }

  function dictionary(): Record<string, PythonValue> {
    const entries: [string, PythonValue][] = [];
    while (!take("}")) {
      const key = read();
      if (typeof key === "object") throw new NoLiteral(at, "a key that is no plain value");
      if (!take(":")) throw new NoLiteral(at, "no colon");
      entries.push([String(key), read()]);
      if (take(",")) continue;
      if (take("}")) break;
      throw new NoLiteral(at, "no comma and no }");
    }
    return Object.fromEntries(entries);
  }

  /** Strings side by side are one. */
  function strings(): string {
    let joined = "";
    blanks();
    while (text.charAt(at) === "'" || text.charAt(at) === '"') {
      joined += string();
      blanks();
    }
    return joined;
  }

  function string(): string {
    const quote = text.charAt(at);
    const start = at++;
    let value = "";
    for (;;) {
      if (at >= text.length) throw new NoLiteral(start, "a string without an end");
      const character = text.charAt(at++);
      if (character === quote) return value;
      value += character === "\\" ? escaped() : character;
    }
  }

  function escaped(): string {
    const kind = text.charAt(at++);
    const length = { x: 2, u: 4, U: 8 }[kind];
    if (length === undefined) return escapes[kind] ?? (/^['"\\]$/u.test(kind) ? kind : `\\${kind}`);
    const digits = text.slice(at, at + length);
    const point = /^[0-9a-fA-F]+$/u.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : Number.NaN;
    if (!(point <= 0x10ffff)) throw new NoLiteral(at, "a broken escape");
    at += length;
    return String.fromCodePoint(point);
  }
}
