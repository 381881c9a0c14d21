import type { Attribute, Node, Op, OpKind, Vjp } from "../node.js";
import { attribute, defineOp, makeNode } from "../node.js";
import type { Shape } from "../shape.js";
import { scalarShape, shapeOf } from "../shape.js";
import { cast, div, equal, mul, neg, negated } from "./elementwise.js";
import { permute, reshape } from "./movement.js";

export type Reduction = "sum" | "max" | "min" | "argmax" | "argmin";

/** A reduction in normal form: `[outer, reduced, inner] -> [outer, 1, inner]`, one run of axes at a time. */
export interface ReduceAttribute extends Attribute {
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
}
export interface ReduceOp extends Op {
  readonly reduction: Reduction;
}

const row = (reduction: Reduction, kind: OpKind, vjp: Vjp | null): ReduceOp =>
  Object.assign(defineOp({ name: reduction, kind, vjp: [vjp] }), { reduction });

/** Gradient of an extremum: shared equally between all places that attain it. */
const extremumVjp = (g: Node, n: Node): Node => {
  const hit = cast(equal(n.a as Node, n), "float32");
  const { outer, reduced, inner } = n.attr as ReduceAttribute;
  const view = reshape(hit, shapeOf([outer, reduced, inner]));
  return mul(g, div(hit, reshape(reduceRun("sum", view, 1, 2), n.shape)));
};
const ops: Readonly<Record<Reduction, ReduceOp>> = {
  sum: row("sum", "reduce", (g) => g),
  max: row("max", "reduce", extremumVjp),
  min: row("min", "reduce", extremumVjp),
  // Index of the first largest (smallest) element, the first NaN if there is one; int32, no gradient.
  argmax: row("argmax", "own", null),
  argmin: row("argmin", "own", null),
};

/** Reduces the adjacent axes `from <= axis < to`, which stay as extents of 1. */
function reduceRun(reduction: Reduction, x: Node, from: number, to: number): Node {
  const { kept, attr } = runOf(x.shape, from, to);
  const index = reduction === "argmax" || reduction === "argmin";
  if (attr.reduced === 1 && !index) return reshape(x, kept);
  return makeNode(ops[reduction], x, null, null, kept, index ? "int32" : x.dtype, attr);
}

/** A run of axes of a shape, and what is left of the shape without it. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly kept: Shape;
  readonly attr: ReduceAttribute;
}
/** By shape, because a step asks for the same few runs every time. */
const runs = new Map<Shape, Run[]>();

function runOf(shape: Shape, from: number, to: number): Run {
  const known = runs.get(shape) ?? [];
  for (let i = 0; i < known.length; i++) {
    const run = known[i] as Run;
    if (run.from === from && run.to === to) return run;
  }
  const extents = [1, 1, 1] as [outer: number, reduced: number, inner: number];
  let kept = scalarShape;
  shape.dims.forEach((extent, i) => {
    extents[i < from ? 0 : i < to ? 1 : 2] *= extent;
    kept = kept.and(i >= from && i < to ? 1 : extent);
  });
  const [outer, reduced, inner] = extents;
  const run = { from, to, kept, attr: attribute("reduce", { outer, reduced, inner }) };
  runs.set(shape, [...known, run]);
  return run;
}

/** Reduces `axes` (sorted, no repeats), keeping them as extents of 1. Bool is counted as int32. */
export function reduce(reduction: Reduction, x: Node, axes: readonly number[]): Node {
  const negative = reduction === "sum" ? negated(x) : null;
  if (negative !== null) return neg(reduce("sum", negative, axes));
  const last = axes.length - 1;
  const parted = last > 0 && (axes[last] as number) - (axes[0] as number) > last;
  if (parted && x.tracked && (reduction === "max" || reduction === "min")) {
    // One run after the other would share a gradient between runs first; equal extremes must share it as one.
    const rest = x.shape.dims.map((_, i) => i).filter((i) => !axes.includes(i));
    const together = reduceRun(reduction, permute(x, [...rest, ...axes]), rest.length, x.shape.rank);
    return reshape(together, shapeOf(x.shape.dims.map((extent, i) => (axes.includes(i) ? 1 : extent))));
  }
  let result = x.dtype === "bool" ? cast(x, "int32") : x;
  for (let i = last; i >= 0; ) {
    let first = i;
    while (first > 0 && (axes[first - 1] as number) === (axes[first] as number) - 1) first--;
    result = reduceRun(reduction, result, axes[first] as number, (axes[i] as number) + 1);
    i = first - 1;
  }
  return result;
}

/** The shape without these axes, which have extent 1. */
export function withoutAxes(shape: Shape, axes: readonly number[]): Shape {
  let rest = scalarShape;
  for (let i = 0; i < shape.rank; i++) if (!axes.includes(i)) rest = rest.and(shape.dims[i] as number);
  return rest;
}
