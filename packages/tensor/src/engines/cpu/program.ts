import type { Heap } from "./heap.js";

/** Position of a word in a program; its address is known once the program has a place. */
export type Word = number;

/**
 * Collects the words of a compiled plan: loop headers, instructions, constants and the cells through which kernels find
 * buffers. Addresses inside the program and in the workspace are filled in when these have a place.
 */
export class ProgramWriter {
  private words = new Uint32Array(4096);
  private length = 0;
  /** Words that hold the address of another word. */
  private readonly internal: { at: Word; target: Word }[] = [];
  /** Cells by what they point to: a byte of the workspace, a byte of scratch memory, a word of this program. */
  private readonly cells = {
    workspace: new Map<number, Word>(),
    scratch: new Map<number, Word>(),
    program: new Map<number, Word>(),
  };
  /** Blocks of constants by their bits. */
  private readonly constants = new Map<number, Word>();

  /** Room for `count` words, zero at first. */
  reserve(count: number, align = 1): Word {
    const start = Math.ceil(this.length / align) * align;
    this.length = start + count;
    if (this.length > this.words.length) {
      const { words } = this;
      this.words = new Uint32Array(2 * this.length);
      this.words.set(words);
    }
    return start;
  }

  put(at: Word, ...values: readonly number[]): void {
    this.words.set(values, at);
  }

  word(at: Word): number {
    return this.words[at] as number;
  }

  /** The word at `at` becomes the address of `target`. */
  point(at: Word, target: Word): void {
    this.internal.push({ at, target });
  }

  /** A cell that points to this byte of the workspace. */
  workspaceCell(offset: number): Word {
    return this.cell("workspace", offset);
  }

  /** A cell that points to this byte of scratch memory, of which every thread has its own. */
  scratchCell(offset: number): Word {
    return this.cell("scratch", offset);
  }

  /** A cell that points to a word of this program. */
  programCell(target: Word): Word {
    return this.cell("program", target);
  }

  private cell(area: keyof typeof this.cells, target: number): Word {
    let cell = this.cells[area].get(target);
    if (cell === undefined) {
      cell = this.reserve(1);
      this.cells[area].set(target, cell);
      if (area === "program") this.point(cell, target);
    }
    return cell;
  }

  /** Cells that point into the workspace, and those that point into scratch memory, by byte offset. */
  get workspace(): { cell: Word; offset: number }[] {
    return Array.from(this.cells.workspace, ([offset, cell]) => ({ cell, offset }));
  }

  get scratch(): { cell: Word; offset: number }[] {
    return Array.from(this.cells.scratch, ([offset, cell]) => ({ cell, offset }));
  }

  /** 64 bytes that hold one 32-bit pattern 16 times, as a cell that points to them. */
  constant(bits: number): Word {
    let block = this.constants.get(bits);
    if (block === undefined) {
      block = this.reserve(16, 16);
      this.words.fill(bits, block, block + 16);
      this.constants.set(bits, block);
    }
    return this.programCell(block);
  }

  /**
   * Words that a thread's copy of the program must point into the copy: all addresses but those of cells and numbers that
   * are filled in anew, which lie below `bound` or point into the workspace.
   */
  relocations(bound: Word): Int32Array {
    const moving = new Set(this.cells.workspace.values());
    return Int32Array.from(
      this.internal.filter(({ target }) => target >= bound && !moving.has(target)),
      ({ at }) => at,
    );
  }

  /** Copies the program to its place; gives its address and size. */
  place(heap: Heap): { address: number; bytes: number } {
    const bytes = this.length * 4;
    const address = heap.allocate(bytes);
    for (const { at, target } of this.internal) this.words[at] = address + target * 4;
    heap.words.set(this.words.subarray(0, this.length), address >> 2);
    return { address, bytes };
  }
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The 32 bits of a number stored as this dtype. */
export function bitsOf(value: number, dtype: string): number {
  if (dtype === "int32") return value >>> 0;
  float[0] = value;
  return bits[0] as number;
}
