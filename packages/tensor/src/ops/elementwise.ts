import type { DType } from "../dtype.js";
import { promote } from "../dtype.js";
import type { Node, Vjp } from "../node.js";
import { literal, makeNode } from "../node.js";
import { broadcast, show } from "../shape.js";
import type { ElementwiseOp, ElementwiseRow } from "./elementwise-row.js";
import { row } from "./elementwise-row.js";
import { erf64, roundEven } from "./float64.js";

export { type ElementwiseOp, type ElementwiseRow, elementwiseRows } from "./elementwise-row.js";

/** A flat function: 0 even where the gradient from above is infinite. */
const none: Vjp = () => literal(0);
const boolean = (test: string): string => `v128.and(${test}, ONE)`;

// --- arithmetic -------------------------------------------------------------------------------------------------------
const addRow = row({
  name: "add",
  arity: 2,
  result: "number",
  evaluate: (x, y) => x + y,
  simd: "f32x4.add($a, $b)",
  simdInt: "i32x4.add($a, $b)",
  vjp: [(g) => g, (g) => g],
});
const subRow = row({
  name: "sub",
  arity: 2,
  result: "number",
  evaluate: (x, y) => x - y,
  simd: "f32x4.sub($a, $b)",
  simdInt: "i32x4.sub($a, $b)",
  vjp: [(g) => g, (g) => neg(g)],
});
const mulRow = row({
  name: "mul",
  arity: 2,
  result: "number",
  evaluate: (x, y) => x * y,
  evaluateInt: Math.imul,
  simd: "f32x4.mul($a, $b)",
  simdInt: "i32x4.mul($a, $b)",
  // Of a square as one term, which `g` of fewer elements makes cheaper.
  vjp: [
    (g, n) => mul(n.a === n.b ? mul(g, literal(2)) : g, n.b as Node),
    (g, n) => (n.a === n.b ? null : mul(g, n.a as Node)),
  ],
});
const divRow = row({
  name: "div",
  arity: 2,
  result: "float",
  evaluate: (x, y) => x / y,
  simd: "f32x4.div($a, $b)",
  vjp: [(g, n) => div(g, n.b as Node), (g, n) => neg(mul(div(g, n.b as Node), n))],
});
/** The larger of two; NaN if either is. At a tie each side gets half of the gradient. */
const maximumRow = row({
  name: "maximum",
  arity: 2,
  result: "number",
  evaluate: (x, y) => Math.max(x, y),
  simd: "f32x4.max($a, $b)",
  simdInt: "i32x4.max_s($a, $b)",
  vjp: [(g, n) => mul(g, preference(n.a as Node, n.b as Node)), (g, n) => mul(g, preference(n.b as Node, n.a as Node))],
});
/** The smaller of two; NaN if either is. At a tie each side gets half of the gradient. */
const minimumRow = row({
  name: "minimum",
  arity: 2,
  result: "number",
  evaluate: (x, y) => Math.min(x, y),
  simd: "f32x4.min($a, $b)",
  simdInt: "i32x4.min_s($a, $b)",
  vjp: [(g, n) => mul(g, preference(n.b as Node, n.a as Node)), (g, n) => mul(g, preference(n.a as Node, n.b as Node))],
});
/** `x^y`; the gradient with respect to x is `y x^(y-1)`, 0 where y is 0; with respect to y it is `x^y ln x`, 0 where x is 0. */
const powRow = row({
  name: "pow",
  arity: 2,
  result: "float",
  evaluate: (x, y) => x ** y,
  simd: "block:pow",
  vjp: [
    (g, n) => {
      const y = n.b as Node;
      return mul(g, where(equal(y, literal(0)), literal(0), mul(y, pow(n.a as Node, sub(y, literal(1))))));
    },
    (g, n) => {
      const x = n.a as Node;
      const atZero = equal(x, literal(0));
      return mul(g, where(atZero, literal(0), mul(n, log(where(atZero, literal(1), x)))));
    },
  ],
});
/** x between two numbers; gradient 1 at them and between them, 0 outside and at NaN. */
const clipRow = row({
  name: "clip",
  arity: 3,
  result: "number",
  evaluate: (x, low, high) => Math.min(Math.max(x, low), high),
  simd: "f32x4.pmin(f32x4.pmax($a, $b), $c)",
  simdInt: "i32x4.min_s(i32x4.max_s($a, $b), $c)",
  vjp: [(g, n) => where(equal(n.a as Node, n), g, literal(0)), null, null],
});
const negRow = row({
  name: "neg",
  arity: 1,
  result: "number",
  evaluate: (x) => -x,
  simd: "f32x4.neg($a)",
  simdInt: "i32x4.neg($a)",
  vjp: [(g) => neg(g)],
});
/** Gradient 0 at 0. */
const absRow = row({
  name: "abs",
  arity: 1,
  result: "number",
  evaluate: Math.abs,
  simd: "f32x4.abs($a)",
  simdInt: "i32x4.abs($a)",
  vjp: [(g, n) => mul(g, sign(n.a as Node))],
});
const signRow = row({
  name: "sign",
  arity: 1,
  result: "number",
  evaluate: Math.sign,
  simd: "v128.bitselect(v128.or(ONE, v128.and($a, f32x4.neg(ZERO))), $a, f32x4.gt(f32x4.abs($a), ZERO))",
  simdInt: "i32x4.sub(i32x4.lt_s($a, ZERO), i32x4.gt_s($a, ZERO))",
  vjp: [none],
});

// --- exponentials and friends -----------------------------------------------------------------------------------------
const expRow = row({
  name: "exp",
  arity: 1,
  result: "float",
  evaluate: Math.exp,
  simd: "block:exp",
  vjp: [(g, n) => mul(g, n)],
});
/** `exp(x) - 1`, accurate near 0. */
const expm1Row = row({
  name: "expm1",
  arity: 1,
  result: "float",
  evaluate: Math.expm1,
  simd: "block:expm1",
  vjp: [(g, n) => mul(g, add(n, literal(1)))],
});
const logRow = row({
  name: "log",
  arity: 1,
  result: "float",
  evaluate: Math.log,
  simd: "block:log",
  vjp: [(g, n) => div(g, n.a as Node)],
});
/** `log(1 + x)`, accurate near 0. */
const log1pRow = row({
  name: "log1p",
  arity: 1,
  result: "float",
  evaluate: Math.log1p,
  simd: "block:log1p",
  vjp: [(g, n) => div(g, add(n.a as Node, literal(1)))],
});
/** NaN below 0; the gradient at 0 is infinite. */
const sqrtRow = row({
  name: "sqrt",
  arity: 1,
  result: "float",
  evaluate: Math.sqrt,
  simd: "f32x4.sqrt($a)",
  vjp: [(g, n) => div(g, mul(n, literal(2)))],
});
const sinRow = row({
  name: "sin",
  arity: 1,
  result: "float",
  evaluate: Math.sin,
  simd: "block:sin",
  vjp: [(g, n) => mul(g, cos(n.a as Node))],
});
const cosRow = row({
  name: "cos",
  arity: 1,
  result: "float",
  evaluate: Math.cos,
  simd: "block:cos",
  vjp: [(g, n) => neg(mul(g, sin(n.a as Node)))],
});
const tanhRow = row({
  name: "tanh",
  arity: 1,
  result: "float",
  evaluate: Math.tanh,
  simd: "block:tanh",
  vjp: [(g, n) => mul(g, sub(literal(1), mul(n, n)))],
});
/** A row of its own, because the composed `1 / (1 + exp(-x))` has a gradient of NaN where exp overflows. */
const sigmoidRow = row({
  name: "sigmoid",
  arity: 1,
  result: "float",
  evaluate: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  simd: "block:sigmoid",
  vjp: [(g, n) => mul(g, mul(n, sub(literal(1), n)))],
});
const erfRow = row({
  name: "erf",
  arity: 1,
  result: "float",
  evaluate: erf64,
  simd: "block:erf",
  vjp: [(g, n) => mul(g, mul(literal(2 / Math.sqrt(Math.PI)), exp(neg(mul(n.a as Node, n.a as Node)))))],
});
/** `max(x, 0)`, NaN stays NaN; the gradient at 0 is 0, as everywhere in the field. */
const reluRow = row({
  name: "relu",
  arity: 1,
  result: "number",
  evaluate: (x) => Math.max(x, 0),
  simd: "f32x4.pmax($a, ZERO)",
  simdInt: "i32x4.max_s($a, ZERO)",
  // Through the result, not the input: the result is stored anyway, the input often never is.
  vjp: [(g, n) => where(less(literal(0), n), g, literal(0))],
});
const floorRow = row({
  name: "floor",
  arity: 1,
  result: "number",
  evaluate: Math.floor,
  simd: "f32x4.floor($a)",
  simdInt: "$a",
  vjp: [none],
});
const ceilRow = row({
  name: "ceil",
  arity: 1,
  result: "number",
  evaluate: Math.ceil,
  simd: "f32x4.ceil($a)",
  simdInt: "$a",
  vjp: [none],
});
/** To the nearest integer, halves to the even one. */
const roundRow = row({
  name: "round",
  arity: 1,
  result: "number",
  evaluate: roundEven,
  simd: "f32x4.nearest($a)",
  simdInt: "$a",
  vjp: [none],
});
/** The same values in a new place. */
export const copyOp: ElementwiseOp = row({
  name: "copy",
  arity: 1,
  result: "number",
  evaluate: (x) => x,
  simd: "$a",
  simdInt: "$a",
  vjp: [(g) => g],
});

// --- comparison and choice --------------------------------------------------------------------------------------------
const equalRow = row({
  name: "equal",
  arity: 2,
  result: "bool",
  evaluate: (x, y) => (x === y ? 1 : 0),
  simd: boolean("f32x4.eq($a, $b)"),
  simdInt: boolean("i32x4.eq($a, $b)"),
  vjp: [null, null],
});
const notEqualRow = row({
  name: "notEqual",
  arity: 2,
  result: "bool",
  evaluate: (x, y) => (x !== y ? 1 : 0),
  simd: boolean("f32x4.ne($a, $b)"),
  simdInt: boolean("i32x4.ne($a, $b)"),
  vjp: [null, null],
});
const lessRow = row({
  name: "less",
  arity: 2,
  result: "bool",
  evaluate: (x, y) => (x < y ? 1 : 0),
  simd: boolean("f32x4.lt($a, $b)"),
  simdInt: boolean("i32x4.lt_s($a, $b)"),
  vjp: [null, null],
});
const lessEqualRow = row({
  name: "lessEqual",
  arity: 2,
  result: "bool",
  evaluate: (x, y) => (x <= y ? 1 : 0),
  simd: boolean("f32x4.le($a, $b)"),
  simdInt: boolean("i32x4.le_s($a, $b)"),
  vjp: [null, null],
});
/** `b` where `a` is true, else `c`; the side that was not taken gets gradient 0, never NaN. */
const whereRow = row({
  name: "where",
  arity: 3,
  result: "select",
  evaluate: (c, x, y) => (c !== 0 ? x : y),
  simd: "v128.bitselect($b, $c, f32x4.ne($a, ZERO))",
  simdInt: "v128.bitselect($b, $c, f32x4.ne($a, ZERO))",
  vjp: [null, (g, n) => where(n.a as Node, g, literal(0)), (g, n) => where(n.a as Node, literal(0), g)],
});
/** float32 or bool to int32: cuts the fraction; NaN gives 0, too large values the nearest int32. */
const toIntRow = row({
  name: "toInt",
  arity: 1,
  result: "toInt",
  evaluate: (x) => (Number.isNaN(x) ? 0 : Math.max(-2147483648, Math.min(2147483647, Math.trunc(x)))),
  simd: "i32x4.trunc_sat_f32x4_s($a)",
  vjp: [null],
});
const toFloatRow = row({
  name: "toFloat",
  arity: 1,
  result: "toFloat",
  evaluate: (x) => x,
  simd: "$a",
  simdInt: "f32x4.convert_i32x4_s($a)",
  vjp: [(g) => g],
});

// --- builders ---------------------------------------------------------------------------------------------------------
function unary(op: ElementwiseOp, x: Node): Node {
  const a =
    op.result === "float" ? cast(x, "float32") : op.result === "number" && x.dtype === "bool" ? cast(x, "int32") : x;
  return fold(op, a) ?? makeNode(op, a, null, null, a.shape, a.dtype);
}

function binary(op: ElementwiseOp, x: Node, y: Node): Node {
  let a = x;
  let b = y;
  let dtype: DType = "float32";
  if (x.dtype !== dtype || y.dtype !== dtype) {
    if (op.result !== "float") dtype = promote(x.dtype, y.dtype);
    if (op.result === "number" && dtype === "bool") dtype = "int32";
    a = cast(x, dtype);
    b = cast(y, dtype);
  }
  const folded = fold(op, a, b);
  if (folded !== null) return folded;
  const shape = broadcast(a.shape, b.shape);
  if (shape === null)
    throw new RangeError(
      `${op.name}: "other" expected a shape that broadcasts with ${show(a.shape)}, got ${show(b.shape)}; extents must be equal or 1, compared from the last axis`,
    );
  return makeNode(op, a, b, null, shape, op.result === "bool" ? "bool" : dtype);
}

/** What a node is the negative of, where that is exact: in float32. */
export const negated = (x: Node): Node | null => (x.op === negRow && x.dtype === "float32" ? x.a : null);

/**
 * Constants of formulas fold while the graph is built, so that the gradient of a mean stays a constant. Signs move outwards
 * as long as that costs nothing, to end in a difference: the rules of gradients are full of them.
 */
function fold(op: ElementwiseOp, a: Node, b?: Node): Node | null {
  const left = negated(a);
  if (b === undefined) {
    if (op === negRow && left !== null) return left;
  } else {
    const right = negated(b);
    if (right !== null && op === addRow) return sub(a, right);
    if (right !== null && op === subRow) return add(a, right);
    if (left !== null && op === addRow) return sub(b, left);
    if (op === mulRow || op === divRow) {
      if (left !== null && broadcast(a.shape, b.shape) === a.shape) return neg(binary(op, left, b));
      if (right !== null && broadcast(a.shape, b.shape) === b.shape) return neg(binary(op, a, right));
    }
  }
  if (a.op.kind !== "literal") {
    if (b?.op.kind !== "literal") return null;
    if (b.num === 1 && (op === mulRow || op === divRow)) return a;
    if (b.num === 0 && op === subRow) return a;
    return null;
  }
  if (b === undefined || b.op.kind === "literal") {
    const dtype = op.result === "bool" ? "bool" : a.dtype;
    return literal(evaluateNumbers(op, a.dtype === "int32", dtype, a.num, b?.num ?? 0, 0), dtype);
  }
  return a.num === 1 && op === mulRow ? b : null;
}

/** The value of an operation on numbers; `int32` says that the operands are int32, `dtype` is that of the result. */
export function evaluateNumbers(
  op: ElementwiseRow,
  int32: boolean,
  dtype: DType,
  x: number,
  y: number,
  z: number,
): number {
  const value = int32 && op.evaluateInt !== undefined ? op.evaluateInt(x, y) : op.evaluate(x, y, z);
  return dtype === "int32" ? value | 0 : value;
}

/** 1 where `x` is the larger, a half at ties, else 0. Of a number and 0 it follows from the sign, which `abs` may share. */
function preference(x: Node, y: Node): Node {
  if (y.op.kind === "literal" && y.num === 0 && x.dtype === "float32")
    return add(mul(sign(x), literal(0.5)), literal(0.5));
  return where(equal(x, y), literal(0.5), cast(less(y, x), "float32"));
}

export const add = (x: Node, y: Node): Node => binary(addRow, x, y);
export const sub = (x: Node, y: Node): Node => binary(subRow, x, y);
export const mul = (x: Node, y: Node): Node => binary(mulRow, x, y);
export const div = (x: Node, y: Node): Node => binary(divRow, x, y);
export const maximum = (x: Node, y: Node): Node => binary(maximumRow, x, y);
export const minimum = (x: Node, y: Node): Node => binary(minimumRow, x, y);
export const pow = (x: Node, y: Node): Node => binary(powRow, x, y);
export const neg = (x: Node): Node => unary(negRow, x);
export const abs = (x: Node): Node => unary(absRow, x);
export const sign = (x: Node): Node => unary(signRow, x);
export const exp = (x: Node): Node => unary(expRow, x);
export const expm1 = (x: Node): Node => unary(expm1Row, x);
export const log = (x: Node): Node => unary(logRow, x);
export const log1p = (x: Node): Node => unary(log1pRow, x);
export const sqrt = (x: Node): Node => unary(sqrtRow, x);
export const sin = (x: Node): Node => unary(sinRow, x);
export const cos = (x: Node): Node => unary(cosRow, x);
export const tanh = (x: Node): Node => unary(tanhRow, x);
export const sigmoid = (x: Node): Node => unary(sigmoidRow, x);
export const erf = (x: Node): Node => unary(erfRow, x);
export const relu = (x: Node): Node => unary(reluRow, x);
export const floor = (x: Node): Node => unary(floorRow, x);
export const ceil = (x: Node): Node => unary(ceilRow, x);
export const round = (x: Node): Node => unary(roundRow, x);
export const copy = (x: Node): Node => makeNode(copyOp, x, null, null, x.shape, x.dtype);
export const equal = (x: Node, y: Node): Node => binary(equalRow, x, y);
export const notEqual = (x: Node, y: Node): Node => binary(notEqualRow, x, y);
export const less = (x: Node, y: Node): Node => binary(lessRow, x, y);
export const lessEqual = (x: Node, y: Node): Node => binary(lessEqualRow, x, y);

export function where(condition: Node, x: Node, y: Node): Node {
  const dtype = promote(x.dtype, y.dtype);
  const a = cast(condition, "bool");
  const b = cast(x, dtype);
  const c = cast(y, dtype);
  const inner = broadcast(b.shape, c.shape);
  const shape = inner && broadcast(a.shape, inner);
  if (shape === null)
    throw new RangeError(
      `where: expected shapes that broadcast together, got condition ${show(a.shape)}, ${show(b.shape)} and ${show(c.shape)}`,
    );
  return makeNode(whereRow, a, b, c, shape, dtype);
}

/** x cut to `low <= x <= high`; these are numbers. */
export function clip(x: Node, low: Node, high: Node): Node {
  const meet = promote(x.dtype, promote(low.dtype, high.dtype));
  const dtype = meet === "bool" ? "int32" : meet;
  return makeNode(clipRow, cast(x, dtype), cast(low, dtype), cast(high, dtype), x.shape, dtype);
}

/** The same values as another dtype. */
export function cast(x: Node, dtype: DType): Node {
  if (x.dtype === dtype) return x;
  if (x.op.kind === "literal") {
    const value = dtype === "int32" ? toIntRow.evaluate(x.num, 0, 0) : dtype === "bool" ? (x.num !== 0 ? 1 : 0) : x.num;
    return literal(value, dtype);
  }
  if (dtype === "bool") return notEqual(x, literal(0, x.dtype));
  if (dtype === "int32") return makeNode(toIntRow, x, null, null, x.shape, "int32");
  return makeNode(toFloatRow, x, null, null, x.shape, "float32");
}
