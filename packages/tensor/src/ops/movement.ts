import type { Attribute } from "../node.js";
import { attribute, defineOp, literal, makeNode, Node, numberAttribute, state } from "../node.js";
import type { Shape } from "../shape.js";
import { scalarShape, shapeOf, stridesOf } from "../shape.js";
import { cast } from "./elementwise.js";

/** The same elements, in the same order, under another shape. */
const reshapeOp = defineOp({
  name: "reshape",
  kind: "alias",
  vjp: [(g, n) => reshapeCotangent(g, n.shape, (n.a as Node).shape)],
});
/** The same values, cut from differentiation. */
const detachOp = defineOp({ name: "detach", kind: "alias", vjp: [null] });
/** A value whose gradient must not be asked for; the attribute says why. */
const measureOp = /* @__PURE__ */ defineOp({
  name: "measure",
  kind: "alias",
  vjp: [
    null,
    (_g, n) => {
      throw new Error((n.attr as MeasureAttribute).reason);
    },
  ],
});
interface MeasureAttribute extends Attribute {
  readonly reason: string;
}
/** Broadcasting to a larger shape. */
export const expandOp = defineOp({ name: "expand", kind: "expand", vjp: [(g) => g] });
/** Axes in another order. */
const permuteOp = defineOp({
  name: "permute",
  kind: "own",
  vjp: [
    (g, n) => {
      const { order } = n.attr as PermuteAttribute;
      const inverse = order.map((_, axis) => order.indexOf(axis));
      return permute(alignRank(g, order.length), inverse);
    },
  ],
});
export interface PermuteAttribute extends Attribute {
  readonly order: readonly number[];
}
const flipOp = defineOp({
  name: "flip",
  kind: "own",
  vjp: [(g, n) => flip(expand(g, n.shape), (n.attr as FlipAttribute).axes)],
});
export interface FlipAttribute extends Attribute {
  readonly axes: readonly number[];
}
/** A box of the input. Where it starts is a number of the plan, so that moving the box never makes a new plan. */
const sliceOp = defineOp({
  name: "slice",
  kind: "own",
  vjp: [(g, n) => padAt(expand(g, n.shape), (n.a as Node).shape, n.num, literal(0))],
});
/** The input as a box inside a larger array that holds `b` elsewhere. */
const padOp = defineOp({
  name: "pad",
  kind: "own",
  vjp: [(g, n) => sliceAt(expand(g, n.shape), (n.a as Node).shape, n.num), null],
});
const concatOp = /* @__PURE__ */ defineOp({
  name: "concat",
  kind: "own",
  vjp: [
    (g, n) => sliceAt(expand(g, n.shape), (n.a as Node).shape, 0),
    (g, n) => {
      const { axis } = n.attr as ConcatAttribute;
      const a = (n.a as Node).shape;
      const strides = stridesOf(n.shape.dims);
      return sliceAt(expand(g, n.shape), (n.b as Node).shape, (a.dims[axis] as number) * (strides[axis] as number));
    },
  ],
});
export interface ConcatAttribute extends Attribute {
  readonly axis: number;
}

export function reshape(x: Node, shape: Shape): Node {
  if (x.shape === shape) return x;
  const base = x.op === reshapeOp && x.value === null && x.a !== null ? x.a : x;
  if (base.shape === shape && base.tag === x.tag) return base;
  const node = makeNode(reshapeOp, base, null, null, shape, x.dtype);
  node.tag = x.tag;
  return node;
}

export function detach(x: Node): Node {
  return x.tracked ? detached(x) : x;
}

/** A node of its own with the values of `x`, untracked. */
export function detached(x: Node): Node {
  const node = new Node(detachOp, x, null, null, x.shape, x.dtype, null, false, x.depth);
  node.tag = x.tag;
  node.born = x.born;
  return node;
}

/** `x`, but asking for its gradient with respect to `source` throws an Error with this text. */
export function measure(x: Node, source: Node, reason: string): Node {
  const attr = attribute("measure", { reason });
  return new Node(measureOp, x, source, null, x.shape, x.dtype, attr, source.tracked && state.recording, x.depth);
}

export function expand(x: Node, shape: Shape): Node {
  return x.shape === shape ? x : makeNode(expandOp, x, null, null, shape, x.dtype);
}

export function permute(x: Node, order: readonly number[]): Node {
  let shape = scalarShape;
  let last = -1;
  let moves = false;
  for (let i = 0; i < order.length; i++) {
    const axis = order[i] as number;
    const extent = x.shape.dims[axis] as number;
    shape = shape.and(extent);
    // Moving extents of 1 moves no element.
    if (extent === 1) continue;
    if (axis < last) moves = true;
    last = axis;
  }
  if (!moves) return reshape(x, shape);
  const node = makeNode(permuteOp, x, null, null, shape, x.dtype, permuteAttribute(order));
  node.tag = x.tag;
  return node;
}

const permutes = new Map<Shape, PermuteAttribute>();

function permuteAttribute(order: readonly number[]): PermuteAttribute {
  // A list of integers, interned like extents.
  const key = shapeOf(order);
  let attr = permutes.get(key);
  if (attr === undefined) {
    attr = attribute("permute", { order: key.dims });
    permutes.set(key, attr);
  }
  return attr;
}

export function isPermute(x: Node): boolean {
  return x.op === permuteOp && x.a !== null && x.value === null;
}

export function flip(x: Node, axes: readonly number[]): Node {
  return makeNode(flipOp, x, null, null, x.shape, x.dtype, attribute("flip", { axes }));
}

/** The box of `shape` that starts `offset` elements into `x` (same rank). */
export function sliceAt(x: Node, shape: Shape, offset: number): Node {
  return shape === x.shape ? x : makeNode(sliceOp, x, null, null, shape, x.dtype, numberAttribute(offset));
}

/** `x` as a box that starts `offset` elements into an array of `shape` (same rank), `value` elsewhere. */
export function padAt(x: Node, shape: Shape, offset: number, value: Node): Node {
  if (shape === x.shape) return x;
  return makeNode(padOp, x, cast(value, x.dtype), null, shape, x.dtype, numberAttribute(offset));
}

export function concat(x: Node, y: Node, axis: number): Node {
  const dims = x.shape.dims.slice();
  dims[axis] = (dims[axis] as number) + (y.shape.dims[axis] as number);
  return makeNode(concatOp, x, y, null, shapeOf(dims), x.dtype, attribute("concat", { axis }));
}

/** `x` with leading extents of 1 up to this rank. */
export function alignRank(x: Node, rank: number): Node {
  let shape = scalarShape;
  for (let axis = Math.max(rank, x.shape.rank); axis > 0; axis--) shape = shape.and(x.shape.fromEnd(axis));
  return reshape(x, shape);
}

/** The cotangent of a reshaped node for its input: one number stays one number, anything else is expanded first. */
function reshapeCotangent(g: Node, from: Shape, to: Shape): Node {
  if (g.shape.size === 1 && (from.size !== 1 || g.op.kind === "literal")) return reshape(g, scalarShape);
  return reshape(expand(g, from), to);
}
