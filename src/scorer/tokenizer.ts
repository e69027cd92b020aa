/**
 * Token ids with UTF-16 offsets. `@huggingface/tokenizers` gives no offsets; they follow from the bytes that each token
 * spells, which are compared with the text's own: what would not fit is refused, never marked at a wrong place.
 */
import { Tokenizer } from "@huggingface/tokenizers";
import { byteMap } from "./byteMap.js";
import { tokenizerForm, unsupported, type TokenizerForm } from "./tokenizerForm.js";

export interface Tokens {
  readonly ids: Int32Array;
  /** Token i is text.slice(starts[i], ends[i]); the bytes of one character may be several tokens, each with all of it. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export class TextTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #form: TokenizerForm;
  readonly #bytesOf = new Map<number, Uint8Array>();

  /** @param json contents of tokenizer.json and tokenizer_config.json. @throws UserError */
  constructor(json: unknown, config: unknown) {
    this.#form = tokenizerForm(json);
    if (typeof json !== "object" || json === null) throw unsupported("its tokenizer.json is damaged");
    this.#tokenizer = new Tokenizer(json, typeof config === "object" && config !== null ? config : {});
  }

  /** Whether a text may be tokenized block by block: others mark where a text begins. */
  get byBlocks(): boolean {
    return this.#form.byteLevel;
  }

  /** No special tokens are added. @throws UserError when tokens do not spell the text */
  encode(text: string): Tokens {
    const encoding = this.#tokenizer.encode(text, { add_special_tokens: false });
    const map = byteMap(text, this.#form.steps, this.#form.addedPattern);
    const count = encoding.ids.length;
    const tokens = { ids: Int32Array.from(encoding.ids), starts: new Int32Array(count), ends: new Int32Array(count) };
    let at = 0;
    for (let index = 0; index < count; index++) {
      const bytes = this.#bytes(encoding.ids[index] ?? -1, encoding.tokens[index] ?? "");
      for (let offset = 0; offset < bytes.length; offset++) {
        if (bytes[offset] !== map.bytes[at + offset])
          throw unsupported(`its token ${encoding.tokens[index] ?? ""} does not spell the text`);
      }
      const last = Math.max(at, at + bytes.length - 1);
      tokens.starts[index] = map.starts[at] ?? text.length;
      tokens.ends[index] = map.ends[last] ?? text.length;
      if (this.#form.trims !== "none") trim(tokens, index, encoding.tokens[index] ?? "", this.#form.trims === "inner");
      at += bytes.length;
    }
    if (at !== map.bytes.length) throw unsupported("its tokens do not spell the whole text");
    return tokens;
  }

  #bytes(id: number, token: string): Uint8Array {
    let bytes = this.#bytesOf.get(id);
    if (bytes === undefined) {
      const added = this.#form.added.get(id);
      bytes = added !== undefined ? encoder.encode(added) : this.#form.byteLevel ? byteLevelBytes(token) : spelledBytes(token);
      this.#bytesOf.set(id, bytes);
    }
    return bytes;
  }
}

/** Blanks at the edges, as the byte-level post-processor of `tokenizers` leaves them out. */
function trim({ starts, ends }: Tokens, index: number, token: string, keepsFirst: boolean): void {
  const isFirst = index === 0 || starts[index] === 0;
  const leading = keepsFirst && isFirst ? 0 : (/^[Ġ\s]*/u.exec(token)?.[0].length ?? 0);
  const trailing = /[Ġ\s]*$/u.exec(token)?.[0].length ?? 0;
  const start = Math.min((starts[index] ?? 0) + leading, ends[index] ?? 0);
  starts[index] = start;
  ends[index] = Math.max((ends[index] ?? 0) - trailing, start);
}

const encoder = new TextEncoder();

/** The bytes that a token spells in GPT-2's alphabet, where each byte is a visible character. */
function byteLevelBytes(token: string): Uint8Array {
  return Uint8Array.from(token, (character) => {
    const byte = byteOf.get(character);
    if (byte === undefined) throw unsupported(`its token ${token} is not byte-level`);
    return byte;
  });
}

const byteOf = new Map<string, number>();
for (let byte = 0, extra = 0; byte < 256; byte++) {
  const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  byteOf.set(String.fromCharCode(visible ? byte : 256 + extra++), byte);
}

/** The bytes of a token that spells characters, or one byte as `<0x0A>`. */
function spelledBytes(token: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/u.exec(token)?.[1];
  return byte === undefined ? encoder.encode(token) : Uint8Array.of(Number.parseInt(byte, 16));
}
