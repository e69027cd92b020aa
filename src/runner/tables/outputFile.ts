/**
 * A file that is written from its beginning to its end. Large ones go past the system's cache: they are synced anyway,
 * and filling the cache with pages cost more processor time than making what is in them.
 */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import process from "node:process";
import { systemCode } from "./faults.js";

/** Written at once; a multiple of any disk's block. */
const blockBytes = 4 << 20;

/** WebAssembly's memory begins at a page's border, as writing past the cache needs; ordinary buffers do not. */
function alignedBlock(): Uint8Array {
  return new Uint8Array(new WebAssembly.Memory({ initial: blockBytes >>> 16 }).buffer);
}

/** Blocks to be used again: fresh memory costs page faults. */
const spare: Uint8Array[] = [];

export class OutputFile {
  private readonly block = spare.pop() ?? alignedBlock();
  private filled = 0;
  /** Bytes in the file. */
  private written = 0;
  /** The same file past the cache; null: not opened yet, or not possible here. */
  private direct: FileHandle | null = null;
  private cached: boolean;
  private closed = false;

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    direct: boolean,
  ) {
    this.cached = !direct;
  }

  /** @param direct false: by way of the system's cache always */
  static async create(path: string, direct = process.platform === "linux"): Promise<OutputFile> {
    return new OutputFile(path, await open(path, "w"), direct);
  }

  /** Takes the bytes; they may change once this has returned. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const taken = Math.min(bytes.length - done, blockBytes - this.filled);
      this.block.set(bytes.subarray(done, done + taken), this.filled);
      this.filled += taken;
      done += taken;
      if (this.filled === blockBytes) await this.flushBlock();
    }
  }

  /** Writes what is left, and waits until the disk has everything. */
  async finish(): Promise<void> {
    await this.writeCached();
    await this.file.sync();
  }

  /** Calls after the first do nothing. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    spare.push(this.block);
    await this.direct?.close();
    await this.file.close();
  }

  private async flushBlock(): Promise<void> {
    if (await this.writeDirect()) this.filled = 0;
    else await this.writeCached();
  }

  private async writeCached(): Promise<void> {
    for (let done = 0; done < this.filled;) {
      const { bytesWritten } = await this.file.write(this.block, done, this.filled - done, this.written);
      done += bytesWritten;
      this.written += bytesWritten;
    }
    this.filled = 0;
  }

  /** Writes the full block past the cache. @returns false where the file system cannot */
  private async writeDirect(): Promise<boolean> {
    if (this.cached) return false;
    try {
      this.direct ??= await open(this.path, constants.O_WRONLY | constants.O_DIRECT);
      const { bytesWritten } = await this.direct.write(this.block, 0, blockBytes, this.written);
      if (bytesWritten === blockBytes) {
        this.written += blockBytes;
        return true;
      }
    } catch (error) {
      const code = systemCode(error);
      if (code !== "EINVAL" && code !== "EOPNOTSUPP" && code !== "ENOTSUP") throw error;
    }
    // Not here, or only a part: the block again and all that follow go through the cache.
    this.cached = true;
    return false;
  }
}
