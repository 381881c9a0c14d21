import type { Heap } from "./heap.js";

/** Position of a word in a program; its address is known once the program has a place. */
export type Word = number;

/**
 * Collects the words of a compiled plan: loop headers, instructions, constants and the cells through which kernels find
 * buffers. Addresses inside the program and in the workspace are filled in when these have a place.
 */
export class ProgramWriter {
  private readonly words: number[] = [];
  /** Words that hold the address of another word. */
  private readonly internal: { at: Word; target: Word }[] = [];
  /** Cells that point into the workspace, by byte offset. */
  readonly workspace: { cell: Word; offset: number }[] = [];
  /** Cells that point into scratch memory, of which every thread has its own. */
  readonly scratch: { cell: Word; offset: number }[] = [];
  private readonly cells = new Map<string, Word>();

  /** Room for `count` words, zero at first. */
  reserve(count: number, align = 1): Word {
    while (this.words.length % align !== 0) this.words.push(0);
    const start = this.words.length;
    for (let i = 0; i < count; i++) this.words.push(0);
    return start;
  }

  put(at: Word, ...values: readonly number[]): void {
    values.forEach((value, i) => {
      this.words[at + i] = value >>> 0;
    });
  }

  word(at: Word): number {
    return this.words[at] as number;
  }

  /** The word at `at` becomes the address of `target`. */
  point(at: Word, target: Word): void {
    this.internal.push({ at, target });
  }

  /** A cell filled in by the caller, by name. */
  cell(name: string): Word {
    let cell = this.cells.get(name);
    if (cell === undefined) {
      cell = this.reserve(1);
      this.cells.set(name, cell);
    }
    return cell;
  }

  /** A cell that points to this byte of the workspace. */
  workspaceCell(offset: number): Word {
    return this.movingCell("workspace", offset);
  }

  /** A cell that points to this byte of the thread's scratch memory. */
  scratchCell(offset: number): Word {
    return this.movingCell("scratch", offset);
  }

  private movingCell(area: "workspace" | "scratch", offset: number): Word {
    const name = `${area} ${offset}`;
    const known = this.cells.has(name);
    const cell = this.cell(name);
    if (!known) this[area].push({ cell, offset });
    return cell;
  }

  /** A cell that points to a word of this program. */
  programCell(target: Word): Word {
    const name = `word ${target}`;
    const known = this.cells.has(name);
    const cell = this.cell(name);
    if (!known) this.point(cell, target);
    return cell;
  }

  /** 64 bytes that hold one 32-bit pattern 16 times, as a cell that points to them. */
  constant(bits: number): Word {
    const name = `constant ${bits >>> 0}`;
    const known = this.cells.has(name);
    if (known) return this.cell(name);
    const block = this.reserve(16, 16);
    this.put(block, ...new Array<number>(16).fill(bits));
    const cell = this.cell(name);
    this.point(cell, block);
    return cell;
  }

  /**
   * Words that a thread's copy of the program must point into the copy: all addresses but those of cells and numbers that
   * are filled in anew, which lie below `bound` or point into the workspace.
   */
  relocations(bound: Word): Int32Array {
    const moving = new Set(this.workspace.map(({ cell }) => cell));
    return Int32Array.from(
      this.internal.filter(({ target }) => target >= bound && !moving.has(target)),
      ({ at }) => at,
    );
  }

  /** Copies the program to its place; gives its address and size. */
  place(heap: Heap): { address: number; bytes: number } {
    const bytes = this.words.length * 4;
    const address = heap.allocate(bytes);
    for (const { at, target } of this.internal) this.words[at] = address + target * 4;
    heap.words.set(this.words, address >> 2);
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
