import type { MatmulAttribute } from "../../ops/contract.js";
import type { ElementwiseOp } from "../../ops/elementwise.js";
import type { PlanNode } from "../../plan/plan.js";
import { isNumber } from "../../plan/plan.js";

/** How work is cut. Only what depends on the shape alone may decide about the parts of a loop: sums depend on them. */
export const limits = {
  /** Least nanoseconds of a part, and most parts. */
  part: 8000,
  parts: 32,
  /** Nanoseconds of shareable work in a run for which sleeping threads are woken: that costs 10 to 50 µs. */
  wake: 200_000,
  /** Nanoseconds of such work that an engine does before it starts threads at all. */
  start: 20_000_000,
};

/** About how long a fused kernel takes on one thread, in nanoseconds. */
export function estimate(members: readonly PlanNode[], elements: number): number {
  return members.reduce((sum, node) => {
    if (isNumber(node)) return sum;
    const { kind } = node.op;
    if (kind === "matmul") return sum + matmulTime(node.attr as MatmulAttribute);
    if (kind === "elementwise") return sum + node.shape.size * elementTime(node.op as ElementwiseOp);
    if (kind === "uniform") return sum + node.shape.size;
    return sum + elements * 0.1;
  }, 0);
}

const matmulTime = ({ batch, m, n, k }: MatmulAttribute): number => (batch * m * n * k) / 20;
const elementTime = ({ simd }: ElementwiseOp): number => (simd?.startsWith("block:") ? 1 : 0.15);

/** Rows of a part, in whole units; all rows when the work is too little to be cut. */
export function partRows(rows: number, unit: number, nanoseconds: number): number {
  const units = Math.ceil(rows / unit);
  const parts = Math.min(limits.parts, Math.floor(nanoseconds / limits.part), units);
  return parts < 2 ? rows : Math.ceil(units / parts) * unit;
}

/** Rows of a block of about this many elements, which ends where a line ends if it can. */
export function blockRowsOf(rows: number, columns: number, elements: number): number {
  const most = Math.max(1, Math.floor(elements / columns));
  if (most >= rows) return Math.max(1, rows);
  // The least number of rows with a multiple of 16 elements.
  let whole = 16;
  while (whole > 1 && ((whole / 2) * columns) % 16 === 0) whole /= 2;
  if (most >= 16) whole = 16;
  return most < whole ? most : most - (most % whole);
}
