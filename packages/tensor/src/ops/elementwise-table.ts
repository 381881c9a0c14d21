import type { Node, Vjp } from "../node.js";
import { literal } from "../node.js";
// The gradients of rows are written with what elementwise.ts makes of the rows: a cycle, but of functions that run later.
import { add, cast, cos, div, equal, exp, less, log, mul, neg, pow, sign, sin, sub, where } from "./elementwise.js";
import type { ElementwiseOp } from "./elementwise-row.js";
import { row } from "./elementwise-row.js";
import { erf64, roundEven } from "./float64.js";

/** A flat function: 0 even where the gradient from above is infinite. */
const none: Vjp = () => literal(0);
const boolean = (test: string): string => `v128.and(${test}, ONE)`;

/** 1 where `x` is the larger, a half at ties, else 0. Of a number and 0 it follows from the sign, which `abs` may share. */
function preference(x: Node, y: Node): Node {
  if (y.op.kind === "literal" && y.num === 0 && x.dtype === "float32")
    return add(mul(sign(x), literal(0.5)), literal(0.5));
  return where(equal(x, y), literal(0.5), cast(less(y, x), "float32"));
}

// --- arithmetic -------------------------------------------------------------------------------------------------------
export const addRow = row({
  name: "add",
  result: "number",
  evaluate: (x, y) => x + y,
  simd: "f32x4.add($a, $b)",
  simdInt: true,
  vjp: [(g) => g, (g) => g],
});
export const subRow = row({
  name: "sub",
  result: "number",
  evaluate: (x, y) => x - y,
  simd: "f32x4.sub($a, $b)",
  simdInt: true,
  vjp: [(g) => g, (g) => neg(g)],
});
export const mulRow = row({
  name: "mul",
  result: "number",
  evaluate: (x, y) => x * y,
  evaluateInt: Math.imul,
  simd: "f32x4.mul($a, $b)",
  simdInt: true,
  // Of a square as one term, which `g` of fewer elements makes cheaper.
  vjp: [
    (g, n) => mul(n.a === n.b ? mul(g, literal(2)) : g, n.b as Node),
    (g, n) => (n.a === n.b ? null : mul(g, n.a as Node)),
  ],
});
export const divRow = row({
  name: "div",
  result: "float",
  evaluate: (x, y) => x / y,
  simd: "f32x4.div($a, $b)",
  vjp: [(g, n) => div(g, n.b as Node), (g, n) => neg(mul(div(g, n.b as Node), n))],
});
/** The larger of two; NaN if either is. At a tie each side gets half of the gradient. */
export const maximumRow = row({
  name: "maximum",
  result: "number",
  evaluate: (x, y) => Math.max(x, y),
  simd: "f32x4.max($a, $b)",
  simdInt: true,
  vjp: [(g, n) => mul(g, preference(n.a as Node, n.b as Node)), (g, n) => mul(g, preference(n.b as Node, n.a as Node))],
});
/** The smaller of two; NaN if either is. At a tie each side gets half of the gradient. */
export const minimumRow = row({
  name: "minimum",
  result: "number",
  evaluate: (x, y) => Math.min(x, y),
  simd: "f32x4.min($a, $b)",
  simdInt: true,
  vjp: [(g, n) => mul(g, preference(n.b as Node, n.a as Node)), (g, n) => mul(g, preference(n.a as Node, n.b as Node))],
});
/** `x^y`; the gradient with respect to x is `y x^(y-1)`, 0 where y is 0; with respect to y it is `x^y ln x`, 0 where x is 0. */
export const powRow = row({
  name: "pow",
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
export const clipRow = row({
  name: "clip",
  result: "number",
  evaluate: (x, low, high) => Math.min(Math.max(x, low), high),
  simd: "f32x4.pmin(f32x4.pmax($a, $b), $c)",
  simdInt: true,
  vjp: [(g, n) => where(equal(n.a as Node, n), g, literal(0)), null, null],
});
export const negRow = row({
  name: "neg",
  result: "number",
  evaluate: (x) => -x,
  simd: "f32x4.neg($a)",
  simdInt: true,
  vjp: [(g) => neg(g)],
});
/** Gradient 0 at 0. */
export const absRow = row({
  name: "abs",
  result: "number",
  evaluate: Math.abs,
  simd: "f32x4.abs($a)",
  simdInt: true,
  vjp: [(g, n) => mul(g, sign(n.a as Node))],
});
export const signRow = row({
  name: "sign",
  result: "number",
  evaluate: Math.sign,
  simd: "v128.bitselect(v128.or(ONE, v128.and($a, f32x4.neg(ZERO))), $a, f32x4.gt(f32x4.abs($a), ZERO))",
  simdInt: "i32x4.sub(i32x4.lt_s($a, ZERO), i32x4.gt_s($a, ZERO))",
  vjp: [none],
});

// --- exponentials and friends -----------------------------------------------------------------------------------------
export const expRow = row({
  name: "exp",
  result: "float",
  evaluate: Math.exp,
  simd: "block:exp",
  vjp: [(g, n) => mul(g, n)],
});
/** `exp(x) - 1`, accurate near 0. */
export const expm1Row = row({
  name: "expm1",
  result: "float",
  evaluate: Math.expm1,
  simd: "block:expm1",
  vjp: [(g, n) => mul(g, add(n, literal(1)))],
});
export const logRow = row({
  name: "log",
  result: "float",
  evaluate: Math.log,
  simd: "block:log",
  vjp: [(g, n) => div(g, n.a as Node)],
});
/** `log(1 + x)`, accurate near 0. */
export const log1pRow = row({
  name: "log1p",
  result: "float",
  evaluate: Math.log1p,
  simd: "block:log1p",
  vjp: [(g, n) => div(g, add(n.a as Node, literal(1)))],
});
/** NaN below 0; the gradient at 0 is infinite. */
export const sqrtRow = row({
  name: "sqrt",
  result: "float",
  evaluate: Math.sqrt,
  simd: "f32x4.sqrt($a)",
  vjp: [(g, n) => div(g, mul(n, literal(2)))],
});
export const sinRow = row({
  name: "sin",
  result: "float",
  evaluate: Math.sin,
  simd: "block:sin",
  vjp: [(g, n) => mul(g, cos(n.a as Node))],
});
export const cosRow = row({
  name: "cos",
  result: "float",
  evaluate: Math.cos,
  simd: "block:cos",
  vjp: [(g, n) => neg(mul(g, sin(n.a as Node)))],
});
export const tanhRow = row({
  name: "tanh",
  result: "float",
  evaluate: Math.tanh,
  simd: "block:tanh",
  vjp: [(g, n) => mul(g, sub(literal(1), mul(n, n)))],
});
/** A row of its own, because the composed `1 / (1 + exp(-x))` has a gradient of NaN where exp overflows. */
export const sigmoidRow = row({
  name: "sigmoid",
  result: "float",
  evaluate: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  simd: "block:sigmoid",
  vjp: [(g, n) => mul(g, mul(n, sub(literal(1), n)))],
});
export const erfRow = row({
  name: "erf",
  result: "float",
  evaluate: erf64,
  simd: "block:erf",
  vjp: [(g, n) => mul(g, mul(literal(2 / Math.sqrt(Math.PI)), exp(neg(mul(n.a as Node, n.a as Node)))))],
});
/** `max(x, 0)`, NaN stays NaN; the gradient at 0 is 0, as everywhere in the field. */
export const reluRow = row({
  name: "relu",
  result: "number",
  evaluate: (x) => Math.max(x, 0),
  simd: "f32x4.pmax($a, ZERO)",
  simdInt: true,
  // Through the result, not the input: the result is stored anyway, the input often never is.
  vjp: [(g, n) => where(less(literal(0), n), g, literal(0))],
});
export const floorRow = row({
  name: "floor",
  result: "number",
  evaluate: Math.floor,
  simd: "f32x4.floor($a)",
  simdInt: "$a",
  vjp: [none],
});
export const ceilRow = row({
  name: "ceil",
  result: "number",
  evaluate: Math.ceil,
  simd: "f32x4.ceil($a)",
  simdInt: "$a",
  vjp: [none],
});
/** To the nearest integer, halves to the even one. */
export const roundRow = row({
  name: "round",
  result: "number",
  evaluate: roundEven,
  simd: "f32x4.nearest($a)",
  simdInt: "$a",
  vjp: [none],
});
/** The same values in a new place. */
export const copyOp: ElementwiseOp = row({
  name: "copy",
  result: "number",
  evaluate: (x) => x,
  simd: "$a",
  simdInt: "$a",
  vjp: [(g) => g],
});

// --- comparison and choice --------------------------------------------------------------------------------------------
export const equalRow = row({
  name: "equal",
  result: "bool",
  evaluate: (x, y) => (x === y ? 1 : 0),
  simd: boolean("f32x4.eq($a, $b)"),
  simdInt: true,
  vjp: [null, null],
});
export const notEqualRow = row({
  name: "notEqual",
  result: "bool",
  evaluate: (x, y) => (x !== y ? 1 : 0),
  simd: boolean("f32x4.ne($a, $b)"),
  simdInt: true,
  vjp: [null, null],
});
export const lessRow = row({
  name: "less",
  result: "bool",
  evaluate: (x, y) => (x < y ? 1 : 0),
  simd: boolean("f32x4.lt($a, $b)"),
  simdInt: true,
  vjp: [null, null],
});
export const lessEqualRow = row({
  name: "lessEqual",
  result: "bool",
  evaluate: (x, y) => (x <= y ? 1 : 0),
  simd: boolean("f32x4.le($a, $b)"),
  simdInt: true,
  vjp: [null, null],
});
/** `b` where `a` is true, else `c`; the side that was not taken gets gradient 0, never NaN. */
export const whereRow = row({
  name: "where",
  result: "select",
  evaluate: (c, x, y) => (c !== 0 ? x : y),
  simd: "v128.bitselect($b, $c, f32x4.ne($a, ZERO))",
  simdInt: "v128.bitselect($b, $c, f32x4.ne($a, ZERO))",
  vjp: [null, (g, n) => where(n.a as Node, g, literal(0)), (g, n) => where(n.a as Node, literal(0), g)],
});
/** float32 or bool to int32: cuts the fraction; NaN gives 0, too large values the nearest int32. */
export const toIntRow = row({
  name: "toInt",
  result: "toInt",
  evaluate: (x) => (Number.isNaN(x) ? 0 : Math.max(-2147483648, Math.min(2147483647, Math.trunc(x)))),
  simd: "i32x4.trunc_sat_f32x4_s($a)",
  vjp: [null],
});
export const toFloatRow = row({
  name: "toFloat",
  result: "toFloat",
  evaluate: (x) => x,
  simd: "$a",
  simdInt: "f32x4.convert_i32x4_s($a)",
  vjp: [(g) => g],
});
