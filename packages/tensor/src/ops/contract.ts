import type { Attribute, Node } from "../node.js";
import { attribute, defineOp, makeNode } from "../node.js";
import type { Shape } from "../shape.js";
import { scalarShape, shapeOf } from "../shape.js";
import type { PermuteAttribute } from "./movement.js";
import { expand, isPermute, reshape } from "./movement.js";
import { reduce } from "./reduce.js";

/** Batched matrix product `[batch, m, k] x [batch, k, n]`; an operand without a batch axis is used by every batch. */
export interface MatmulAttribute extends Attribute {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** The operand is stored transposed (`[k, m]`, `[n, k]`): read that way, without a copy. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** The operand has the batch axis. */
  readonly batchA: boolean;
  readonly batchB: boolean;
}

const matmulOp = defineOp({
  name: "matmul",
  kind: "matmul",
  vjp: [
    (g, n) => {
      const { transposeA, transposeB, batch, batchA } = n.attr as MatmulAttribute;
      const full = expand(g, n.shape);
      const b = n.b as Node;
      const da = transposeA ? product(b, full, transposeB, true) : product(full, b, false, !transposeB);
      return batch !== 1 && !batchA ? reshape(reduce("sum", da, [0]), (n.a as Node).shape) : da;
    },
    (g, n) => {
      const { transposeA, transposeB, batch, batchB } = n.attr as MatmulAttribute;
      const full = expand(g, n.shape);
      const a = n.a as Node;
      const db = transposeB ? product(full, a, true, transposeA) : product(a, full, !transposeA, false);
      return batch !== 1 && !batchB ? reshape(reduce("sum", db, [0]), (n.b as Node).shape) : db;
    },
  ],
});

/** The product of matrices of rank 2 or 3; float32, extents already checked. */
export function product(x: Node, y: Node, transposeX = false, transposeY = false): Node {
  let a = x;
  let b = y;
  let transposeA = transposeX;
  let transposeB = transposeY;
  if (swapsLast(a)) {
    a = a.a as Node;
    transposeA = !transposeA;
  }
  if (swapsLast(b)) {
    b = b.a as Node;
    transposeB = !transposeB;
  }
  const attr = matmulAttribute(a.shape, b.shape, transposeA, transposeB);
  const { batch, m, n } = attr;
  const lead = attr.batchA || attr.batchB ? scalarShape.and(batch) : scalarShape;
  return makeNode(matmulOp, a, b, null, lead.and(m).and(n), "float32", attr);
}

const matmuls = new Map<number, MatmulAttribute>();

/** The attribute for these operands; a table by shape, because a step asks for the same few products every time. */
function matmulAttribute(a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): MatmulAttribute {
  const key = (a.id * 0x1000000 + b.id) * 4 + (transposeA ? 2 : 0) + (transposeB ? 1 : 0);
  let attr = matmuls.get(key);
  if (attr === undefined) {
    const batchA = a.rank === 3;
    const batchB = b.rank === 3;
    const [rowsA, columnsA] = a.dims.slice(-2) as [number, number];
    const [rowsB, columnsB] = b.dims.slice(-2) as [number, number];
    const batch = batchA ? (a.dims[0] as number) : batchB ? (b.dims[0] as number) : 1;
    const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
    const n = transposeB ? rowsB : columnsB;
    attr = attribute("matmul", { batch, m, n, k, transposeA, transposeB, batchA, batchB });
    if (matmuls.size > 4096) matmuls.clear();
    matmuls.set(key, attr);
  }
  return attr;
}

function swapsLast(x: Node): boolean {
  if (!isPermute(x)) return false;
  const { order } = x.attr as PermuteAttribute;
  return order.length === 2 || (order.length === 3 && order[0] === 0);
}

/** Geometry of a 2-D convolution: `x [n, channels, height, width]`, `w [filters, channels / groups, kernelHeight, kernelWidth]`. */
export interface ConvolutionAttribute extends Attribute {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
}

// The three are each other's gradients, so derivatives of any order exist.
const convOp = /* @__PURE__ */ defineOp({
  name: "conv2d",
  kind: "own",
  vjp: [
    (g, n) => convInput(expand(g, n.shape), n.b as Node, n.attr as ConvolutionAttribute),
    (g, n) => convWeight(n.a as Node, expand(g, n.shape), n.attr as ConvolutionAttribute),
  ],
});
const convInputOp = /* @__PURE__ */ defineOp({
  name: "conv2dInput",
  kind: "own",
  vjp: [
    (g, n) => convolve(expand(g, n.shape), n.b as Node, n.attr as ConvolutionAttribute),
    (g, n) => convWeight(expand(g, n.shape), n.a as Node, n.attr as ConvolutionAttribute),
  ],
});
const convWeightOp = /* @__PURE__ */ defineOp({
  name: "conv2dWeight",
  kind: "own",
  vjp: [
    (g, n) => convInput(n.b as Node, expand(g, n.shape), n.attr as ConvolutionAttribute),
    (g, n) => convolve(n.a as Node, expand(g, n.shape), n.attr as ConvolutionAttribute),
  ],
});

/** Convolution (cross-correlation) of `x` with `w`. */
export function convolve(x: Node, w: Node, attr: ConvolutionAttribute): Node {
  return makeNode(convOp, x, w, null, shapeOf(attr.y), "float32", attr);
}
/** Its gradient with respect to `x`: the transposed convolution of `g` with `w`. */
function convInput(g: Node, w: Node, attr: ConvolutionAttribute): Node {
  return makeNode(convInputOp, g, w, null, shapeOf(attr.x), "float32", attr);
}
/** Its gradient with respect to `w`. */
function convWeight(x: Node, g: Node, attr: ConvolutionAttribute): Node {
  return makeNode(convWeightOp, x, g, null, shapeOf(attr.w), "float32", attr);
}

/** Geometry of pooling over `[n, channels, height, width]`. */
export interface PoolAttribute extends Attribute {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Flat index into the input of each window's largest element: first wins, NaN wins, padding never does. */
const maxPoolIndexOp = /* @__PURE__ */ defineOp({ name: "maxPoolIndex", kind: "own", vjp: [null] });
/** Mean of each window; padding counts as zeros. */
const avgPoolOp = /* @__PURE__ */ defineOp({
  name: "avgPool2d",
  kind: "own",
  vjp: [(g, n) => avgPoolInput(expand(g, n.shape), n.attr as PoolAttribute)],
});
const avgPoolInputOp = /* @__PURE__ */ defineOp({
  name: "avgPool2dInput",
  kind: "own",
  vjp: [(g, n) => averagePool(expand(g, n.shape), n.attr as PoolAttribute)],
});

export function maxPoolIndex(x: Node, attr: PoolAttribute): Node {
  return makeNode(maxPoolIndexOp, x, null, null, shapeOf(attr.y), "int32", attr);
}
export function averagePool(x: Node, attr: PoolAttribute): Node {
  return makeNode(avgPoolOp, x, null, null, shapeOf(attr.y), "float32", attr);
}
function avgPoolInput(g: Node, attr: PoolAttribute): Node {
  return makeNode(avgPoolInputOp, g, null, null, shapeOf(attr.x), "float32", attr);
}
