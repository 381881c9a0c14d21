import { mostPages } from "./wasm.js";

const pageBytes = 65536;

interface Block {
  start: number;
  bytes: number;
}

/** Memory of the WebAssembly module beyond its own data: blocks of whole 64-byte lines, first fit, neighbours joined when freed. */
export class Heap {
  floats: Float32Array;
  integers: Int32Array;
  words: Uint32Array;
  private memory: WebAssembly.Memory;
  usedBytes = 0;
  private free: Block[] = [];
  private end: number;

  constructor(memory: WebAssembly.Memory, start: number) {
    this.memory = memory;
    this.end = (start + 63) & ~63;
    const { buffer } = memory;
    this.floats = new Float32Array(buffer);
    this.integers = new Int32Array(buffer);
    this.words = new Uint32Array(buffer);
  }

  /** Goes on in a memory that may be shared; throws when there is none of this size. */
  share(): WebAssembly.Memory {
    const { buffer } = this.memory;
    if (!(buffer instanceof ArrayBuffer)) return this.memory;
    const initial = buffer.byteLength / pageBytes;
    const memory = new WebAssembly.Memory({ initial, maximum: mostPages, shared: true });
    new Uint8Array(memory.buffer).set(new Uint8Array(buffer));
    this.adopt(memory);
    return memory;
  }

  private adopt(memory: WebAssembly.Memory): void {
    const { buffer } = memory;
    this.memory = memory;
    this.floats = new Float32Array(buffer);
    this.integers = new Int32Array(buffer);
    this.words = new Uint32Array(buffer);
  }

  /** Address of a block of at least this many bytes. */
  allocate(size: number): number {
    const bytes = Math.max(64, Math.ceil(size / 64) * 64);
    this.usedBytes += bytes;
    let best = -1;
    for (let i = 0; i < this.free.length; i++) {
      const have = (this.free[i] as Block).bytes;
      if (have >= bytes && (best < 0 || have < (this.free[best] as Block).bytes)) best = i;
    }
    if (best < 0) return this.extend(bytes);
    const block = this.free[best] as Block;
    const { start } = block;
    block.start += bytes;
    block.bytes -= bytes;
    if (block.bytes === 0) this.free.splice(best, 1);
    return start;
  }

  release(start: number, size: number): void {
    const bytes = Math.max(64, Math.ceil(size / 64) * 64);
    this.usedBytes -= bytes;
    let low = 0;
    let high = this.free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.free[middle] as Block).start < start) low = middle + 1;
      else high = middle;
    }
    this.free.splice(low, 0, { start, bytes });
    this.join(low);
    this.join(low - 1);
  }

  private join(i: number): void {
    const block = this.free[i];
    const next = this.free[i + 1];
    if (block === undefined || next === undefined || block.start + block.bytes !== next.start) return;
    block.bytes += next.bytes;
    this.free.splice(i + 1, 1);
  }

  private extend(bytes: number): number {
    // A free block at the very end becomes part of the new one.
    const tail = this.free.at(-1);
    const start = tail !== undefined && tail.start + tail.bytes === this.end ? tail.start : this.end;
    const needed = start + bytes + pageBytes; // vector loops may read a little past the last block
    const have = this.memory.buffer.byteLength;
    if (needed > have) this.grow(needed, have);
    if (start !== this.end) this.free.pop();
    this.end = start + bytes;
    return start;
  }

  /** Grows by at least a quarter: growing page by page is slow. */
  private grow(needed: number, have: number): void {
    const least = Math.ceil((needed - have) / pageBytes);
    const pages = Math.min(Math.max(least, Math.ceil(have / 4 / pageBytes), 16), mostPages - have / pageBytes);
    try {
      if (pages < least) throw new RangeError("beyond 4 GiB");
      this.memory.grow(pages);
    } catch (cause) {
      throw new RangeError(
        `cpu: out of memory: ${Math.ceil(needed / 2 ** 20)} MiB are needed and the engine may have at most 4096; use smaller batches or keep fewer tensors`,
        { cause },
      );
    }
    this.adopt(this.memory);
  }
}
