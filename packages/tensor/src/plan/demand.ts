import type { MatmulAttribute } from "../ops/contract.js";
import type { ReduceAttribute } from "../ops/reduce.js";
import { accessOf } from "./access.js";
import type { PlanNode } from "./plan.js";

/** Longest row that a kernel keeps in registers as a whole. */
export const longestRow = 65536;

/** What a node asks of a fused kernel. */
export interface Demand {
  /** Elements: at least as many. */
  readonly size: number;
  /** Columns: as many. 0: any number; -1: no fused kernel will do. */
  readonly columns: number;
}

/** Whether two demands for columns can both be met. */
export const agree = (a: number, b: number): boolean => a === b || a === 0 || b === 0;

export function demandOf(node: PlanNode): Demand {
  const { op, shape, views } = node;
  let { size } = shape;
  let columns = 0;
  if (op.kind === "elementwise")
    for (const view of views) {
      const access = accessOf(view, shape);
      if (access.kind === "general" || !agree(columns, access.columns)) columns = -1;
      columns ||= access.columns;
    }
  else if (op.kind === "reduce") {
    // Along rows, over rows, or over everything.
    const { outer, reduced, inner } = node.attr as ReduceAttribute;
    size = outer * reduced * inner;
    if (outer > 1) columns = inner === 1 && reduced <= longestRow ? reduced : -1;
    else if (inner > 1) columns = inner;
    if (size === 0) columns = -1;
  } else if (op.kind === "matmul") {
    const { n, k } = node.attr as MatmulAttribute;
    columns = k > 0 ? n : -1;
  } else if (op.kind === "pick" || op.kind === "place") {
    const row = op.kind === "pick" ? (views[0] ?? shape) : shape;
    size = row.size;
    columns = row.dims.at(-1) as number;
  } else if (op.kind !== "uniform") columns = -1;
  return { size, columns };
}
