import type { Attribute, Node } from "../node.js";
import { attribute, defineOp, makeNode } from "../node.js";
import type { Shape } from "../shape.js";
import { shapeOf } from "../shape.js";
import { expand, flip } from "./movement.js";

/** One entry per row of the last axis: `x [..., c], index [...] -> [..., 1]`. */
const pickOp = defineOp({
  name: "pick",
  kind: "pick",
  vjp: [(g, n) => place(expand(g, n.shape), n.b as Node, (n.a as Node).shape), null],
});
/** The reverse: `value [..., 1], index [...] -> [..., c]`, zero off the index. */
const placeOp = defineOp({
  name: "place",
  kind: "place",
  vjp: [(g, n) => pick(expand(g, n.shape), n.b as Node), null],
});

export function pick(x: Node, index: Node): Node {
  return makeNode(pickOp, x, index, null, index.shape.and(1), x.dtype);
}
export function place(value: Node, index: Node, shape: Shape): Node {
  return makeNode(placeOp, value, index, null, shape, value.dtype);
}

/**
 * `x [outer, extent, inner] -> out [outer, count, inner]`, `out[o, j, i] = x[o, index[o * so + j * sj + i * si], i]`:
 * `take` shares one index list (strides 0, 1, 0), `gather` has an index per element.
 */
export interface GatherAttribute extends Attribute {
  readonly outer: number;
  readonly extent: number;
  readonly count: number;
  readonly inner: number;
  readonly shared: boolean;
  readonly x: readonly number[];
  readonly y: readonly number[];
}
const gatherOp = defineOp({
  name: "gather",
  kind: "own",
  vjp: [(g, n) => scatterAdd(expand(g, n.shape), n.b as Node, n.attr as GatherAttribute), null],
});
/** The reverse: adds every element of the input to the place that it came from. */
const scatterAddOp = defineOp({
  name: "scatterAdd",
  kind: "own",
  vjp: [(g, n) => gather(expand(g, n.shape), n.b as Node, n.attr as GatherAttribute), null],
});

export function gatherAttribute(x: Shape, axis: number, index: Shape, shared: boolean): GatherAttribute {
  const before = x.dims.slice(0, axis);
  const after = x.dims.slice(axis + 1);
  const product = (dims: readonly number[]): number => dims.reduce((p, d) => p * d, 1);
  const y = shared ? [...before, ...index.dims, ...after] : index.dims;
  return attribute("gather", {
    outer: product(before),
    extent: x.dims[axis] as number,
    count: shared ? index.size : (index.dims[axis] as number),
    inner: product(after),
    shared,
    x: x.dims,
    y,
  });
}
export function gather(x: Node, index: Node, attr: GatherAttribute): Node {
  return makeNode(gatherOp, x, index, null, shapeOf(attr.y), x.dtype, attr);
}
export function scatterAdd(g: Node, index: Node, attr: GatherAttribute): Node {
  return makeNode(scatterAddOp, g, index, null, shapeOf(attr.x), g.dtype, attr);
}

/** Order of the last axis, int32; stable; NaN counts as the largest. */
const argsortOp = /* @__PURE__ */ defineOp({ name: "argsort", kind: "own", vjp: [null] });
export interface SortAttribute extends Attribute {
  readonly descending: boolean;
}
export function argsort(x: Node, descending: boolean): Node {
  return makeNode(argsortOp, x, null, null, x.shape, "int32", attribute("sort", { descending }));
}

/** Running sums along the middle of `[outer, count, inner]`. */
const cumsumOp = /* @__PURE__ */ defineOp({
  name: "cumsum",
  kind: "own",
  vjp: [
    (g, n) => {
      const { axis } = n.attr as CumsumAttribute;
      return flip(cumsum(flip(expand(g, n.shape), [axis]), axis), [axis]);
    },
  ],
});
export interface CumsumAttribute extends Attribute {
  readonly axis: number;
}
export function cumsum(x: Node, axis: number): Node {
  return makeNode(cumsumOp, x, null, null, x.shape, x.dtype, attribute("cumsum", { axis }));
}

/** Random numbers in [0, 1) with 24 bits; the three keys (integers below 4096) are numbers of the plan. */
const uniformOp = /* @__PURE__ */ defineOp({ name: "uniform", kind: "uniform", vjp: [null, null, null] });
export function uniform(shape: Shape, key0: Node, key1: Node, key2: Node): Node {
  return makeNode(uniformOp, key0, key1, key2, shape, "float32");
}
