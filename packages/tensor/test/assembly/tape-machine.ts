import { elementwiseRows } from "../../src/ops/elementwise.js";
import { allocate, kernels, random, readFloats, readInts, words } from "./wasm.js";

/** Where an instruction finds a value: base (or the cell that will hold it), byte strides per row and column, bytes per 16 elements. */
export interface Operand {
  readonly at: number;
  readonly cell?: number;
  readonly row: number;
  readonly col: number;
  readonly step: number;
}

/** A value of the whole space, `cols` wide. */
export const full = (at: number, cols: number): Operand => ({ at, row: 4 * cols, col: 4, step: 64 });
/** One value per row. */
export const perRow = (at: number): Operand => ({ at, row: 4, col: 0, step: 64 });
/** One value per column, `width` bytes each. */
export const perColumn = (at: number, width = 4): Operand => ({ at, row: 0, col: width, step: 64 });
/** A block in scratch memory. */
export const register = (at: number): Operand => ({ at, row: 0, col: 0, step: 64 });
/** One value, held 16 times. */
export const scalar = (value: number, int = false): Operand => {
  const bits = int ? value : (new Int32Array(Float32Array.of(value).buffer)[0] as number);
  return { at: words(...new Array<number>(16).fill(bits)), row: 0, col: 0, step: 0 };
};

export interface Instruction {
  readonly opcode: number;
  readonly extent?: 0 | 1 | 2;
  readonly aux?: number;
  readonly aux2?: number;
  readonly d: Operand;
  readonly a?: Operand;
  readonly b?: Operand;
  readonly c?: Operand;
  readonly e?: Operand;
}

export interface Loop {
  readonly rows?: number;
  readonly cols: number;
  readonly blockRows?: number;
  readonly colChunk?: number;
  readonly prologue?: readonly Instruction[];
  readonly body: readonly Instruction[];
  readonly chunkRows?: number;
  readonly matmul?: number;
}

function tape(list: readonly Instruction[]): number {
  const operand = (o?: Operand): number[] =>
    o === undefined ? [0, 0, 0, 0] : [o.cell ?? words(o.at), o.row, o.col, o.step];
  return words(
    ...list.flatMap(({ opcode, extent = 0, aux = 0, aux2 = 0, d, a, b, c, e }) => [
      opcode,
      extent,
      aux,
      aux2,
      ...operand(d),
      ...operand(a),
      ...operand(b),
      ...operand(c),
      ...operand(e),
    ]),
  );
}

/** Runs a loop over [start, end), all rows by default. */
export function run(loop: Loop, start = 0, end = loop.rows ?? 1): void {
  const { rows = 1, cols, blockRows = 1, colChunk = cols, prologue = [], body, chunkRows = 0, matmul = 0 } = loop;
  const bytes = (list: readonly Instruction[]): number => list.length * 96;
  const header = [rows, cols, blockRows, colChunk, bytes(prologue), tape(prologue), bytes(body), tape(body)];
  kernels.runLoop!(words(...header, chunkRows, matmul, 0, 0, 0, 0, 0, 0), start, end);
}

/** Opcode of an elementwise row, on floats or on int32. */
export function opcode(name: string, int = false): number {
  const row = elementwiseRows.findIndex((candidate) => candidate.name === name);
  if (row < 0) throw new RangeError(`opcode: no row is called "${name}"`);
  return 2 * row + Number(int);
}

/** A scratch block of n elements. */
export const scratch = (n: number): Operand => register(allocate(4 * n));

const next = random(7);

/** Small whole numbers: sums of them are exact in float32, whatever the order. */
export function numbers(n: number, int: boolean): number[] {
  return Array.from({ length: n }, () =>
    int ? Math.floor((next() - 0.5) * 2 ** 32) : Math.floor((next() - 0.5) * 2000),
  );
}

/** n elements at an address. */
export const read = (at: number, n: number, int: boolean): number[] => [...(int ? readInts(at, n) : readFloats(at, n))];
