import type { Shape } from "../shape.js";

/** How a consumer reads an operand. */
export type AccessKind =
  | "same" // element for element
  | "row" // one value per row: broadcast along the columns
  | "column" // one value per column: broadcast along the rows
  | "scalar"
  | "general"; // anything else: needs a copy first

export interface Access {
  readonly kind: AccessKind;
  /** Length of a row, for row and column broadcasts. */
  readonly columns: number;
}

const same: Access = { kind: "same", columns: 0 };
const scalar: Access = { kind: "scalar", columns: 0 };
const general: Access = { kind: "general", columns: 0 };
const known = new Map<number, Access>();

/** How an operand of shape `view` is read by an elementwise operation of shape `to`. */
export function accessOf(view: Shape, to: Shape): Access {
  if (view.size === to.size) return same;
  if (view.size === 1) return scalar;
  const key = view.id * 0x4000000 + to.id;
  let access = known.get(key);
  if (access === undefined) {
    access = classify(view, to);
    if (known.size > 65536) known.clear();
    known.set(key, access);
  }
  return access;
}

/** Runs of kept and of broadcast axes, extents of 1 left out: two runs are a row or column broadcast. */
function classify(view: Shape, to: Shape): Access {
  const runs: { kept: boolean; extent: number }[] = [];
  for (let axis = 0; axis < to.rank; axis++) {
    const extent = to.dims[axis] as number;
    if (extent === 1) continue;
    const kept = view.dims[axis - (to.rank - view.rank)] === extent;
    const last = runs.at(-1);
    if (last?.kept === kept) last.extent *= extent;
    else runs.push({ kept, extent });
  }
  const [first, second] = runs;
  if (runs.length !== 2 || first === undefined || second === undefined) return general;
  return { kind: first.kept ? "row" : "column", columns: second.extent };
}
