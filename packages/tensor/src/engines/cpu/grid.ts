import type { MatmulAttribute } from "../../ops/contract.js";
import type { ElementwiseOp } from "../../ops/elementwise.js";
import { needsWholeRows, Role } from "../../plan/classify.js";
import type { FusedKernel } from "../../plan/fuse.js";
import type { PlanNode } from "../../plan/plan.js";
import { isNumber } from "../../plan/plan.js";
import { chunkRows, matmulUnit, sharedChunkRows } from "./matmul.js";

/** How work is shared. Parts of a loop follow from these and its shape alone, never from threads: sums depend on them. */
export const limits = {
  /** Least nanoseconds of a part, and most parts. */
  part: 8000,
  parts: 32,
  /** Nanoseconds of shareable work in a run for which sleeping workers are woken: that costs 10 to 50 µs. */
  wake: 200_000,
  /** Nanoseconds of such work that an engine does before it starts workers at all. */
  start: 20_000_000,
  /** Whether programs that are slower with workers do without. */
  measure: true,
  /** Nanoseconds that a program must have lost on the tape before it gets functions: about what these cost. */
  generate: 2_000_000,
  /** Nanoseconds that a function must save per run. */
  function: 100,
};

/** Elements of a block: small enough for the first cache with a handful of registers. */
export const blockElements = 512;
/** Least rows of a part with totals per column: adding up the parts must cost little. */
const columnTotalRows = 64;

/** How the space of a kernel is cut. */
export interface Cut {
  /** Rows and columns of a block. */
  readonly blockRows: number;
  readonly columnChunk: number;
  /** Rows that a matmul stage makes at a time; 0 without one. */
  readonly chunk: number;
  /** Rows that a thread takes at a time; all of them when the work is too little to share. */
  readonly partRows: number;
  /** About how long the kernel takes on one thread. */
  readonly nanoseconds: number;
  /** Whether all these end where a line ends, with so many values per row: then none writes into the next. */
  wholeLines(columns: number): boolean;
}

export function cutOf({ members, roles, rows, columns }: FusedKernel): Cut {
  const size = rows * columns;
  const whole = members.some((node, i) => needsWholeRows(node, roles[i] as Role, size));
  const chunked = columns > 2 * blockElements && !whole;
  const columnChunk = chunked ? blockElements : columns;
  const blockRows = chunked ? 1 : blockRowsOf(rows, columns);
  const nanoseconds = estimate(members, size);
  const attr = members.find((node) => node.op.kind === "matmul")?.attr as MatmulAttribute | undefined;
  let unit = attr === undefined ? blockRows : matmulUnit(attr);
  const totals = members.some((node, i) => roles[i] === Role.Accumulator && node.shape.size > 1);
  if (totals && attr === undefined) unit *= Math.ceil(columnTotalRows / unit);
  const partRows = partRowsOf(rows, unit, nanoseconds);
  const chunk = attr === undefined ? 0 : partRows < rows ? sharedChunkRows(attr) : chunkRows(attr);
  const ends = [partRows < rows ? partRows : 0, chunk, chunk === 0 || blockRows < chunk ? blockRows : 0];
  return {
    blockRows,
    columnChunk,
    chunk,
    partRows,
    nanoseconds,
    wholeLines: (values) => ends.every((end) => (end * values) % 16 === 0),
  };
}

/** Rows of a block, which ends where a line ends if it can. */
function blockRowsOf(rows: number, columns: number): number {
  const most = Math.max(1, Math.floor(blockElements / columns));
  if (most >= rows) return Math.max(1, rows);
  // The least number of rows with a multiple of 16 elements; of 16 rows, values per row end there too.
  let whole = 16;
  while (most < 16 && whole > 1 && ((whole / 2) * columns) % 16 === 0) whole /= 2;
  return most < whole ? most : most - (most % whole);
}

function partRowsOf(rows: number, unit: number, nanoseconds: number): number {
  const units = Math.ceil(rows / unit);
  const parts = Math.min(limits.parts, Math.floor(nanoseconds / limits.part), units);
  return parts < 2 ? rows : Math.ceil(units / parts) * unit;
}

function estimate(members: readonly PlanNode[], elements: number): number {
  return members.reduce((sum, node) => {
    const { kind } = node.op;
    if (isNumber(node)) return sum;
    if (kind === "matmul") return sum + matmulTime(node.attr as MatmulAttribute);
    if (kind === "elementwise") return sum + node.shape.size * elementTime(node.op as ElementwiseOp);
    return sum + elements * (kind === "uniform" ? 1 : 0.1);
  }, 0);
}

const matmulTime = ({ batch, m, n, k }: MatmulAttribute): number => (batch * m * n * k) / 20;
const elementTime = ({ simd }: ElementwiseOp): number => (simd?.startsWith("block:") ? 1 : 0.15);
