// Formulas and reductions for random graphs. Jumps (floor, comparison, argmax) only read exact nodes: elsewhere a last bit
// would decide, and two engines that differ would both be right.
import type { Tensor } from "@downhill/tensor";
import { gelu, logSumExp, silu, softplus, tensor, variance, where } from "@downhill/tensor";
import type { Context, GraphOp, Item } from "./random-graph-item.js";
import { biggest, exact, fits, int, isFloat, moderate, result, terms } from "./random-graph-item.js";
import { sizeOf } from "./support.js";

const smooth = (name: string, f: (x: Tensor) => Tensor, bound: (b: number) => number, limit = biggest): GraphOp => ({
  name,
  apply: ([a], context) => {
    const { x, bound: b } = moderate(a, context, limit);
    return result(f(x), bound(b), 0, context);
  },
});
const jump = (name: "floor" | "ceil" | "round" | "sign"): GraphOp => ({
  name,
  apply: ([a], context) => (exact(a) ? result(a.x[name](), Math.ceil(a.bound), 1, context) : null),
});
const binary = (
  name: "add" | "sub" | "mul" | "maximum" | "minimum",
  bound: (p: number, q: number) => number,
  grain: (p: number, q: number) => number,
): GraphOp => ({
  name,
  apply: ([a, b], context) => {
    if (!fits(a.x.shape, b.x.shape)) return null;
    // Whole numbers wrap and stay exact; products of large floats are kept in bounds.
    const whole = !isFloat(a) && !isFloat(b);
    const [p, q] = whole ? [a, b] : [moderate(a, context, 100), moderate(b, context, 100)];
    return result(p.x[name](q.x), bound(p.bound, q.bound), whole ? 1 : grain(p.grain, q.grain), context);
  },
});
const compare = (
  name: "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual" | "logicalAnd" | "logicalOr",
): GraphOp => ({
  name,
  apply: ([a, b], context) =>
    exact(a) && exact(b) && fits(a.x.shape, b.x.shape) ? result(a.x[name](b.x), 1, 1, context) : null,
});

/** Some of the axes, and whether they stay. */
function someAxes(
  item: Item,
  context: Context,
  filled: boolean,
): { axis: number[]; keepDims: boolean; count: number } | null {
  const bits = 1 + int(context, 2 ** item.x.rank - 1 || 1);
  const axis = [...item.x.shape.keys()].filter((i) => (bits >> i) & 1);
  const count = axis.reduce((n, i) => n * (item.x.shape[i] as number), 1);
  return filled && count === 0 ? null : { axis, keepDims: context.next() < 0.5, count };
}
const accumulate = (name: "sum" | "mean"): GraphOp => ({
  name,
  apply: ([a], context) => {
    const axes = someAxes(a, context, name === "mean");
    if (axes === null) return null;
    const bound = a.bound * Math.max(1, axes.count);
    const x = terms(a, bound, a.grain, context);
    return name === "sum" ? result(x.sum(axes), bound, a.grain, context) : result(x.mean(axes), a.bound, 0, context);
  },
});
const extreme = (name: "max" | "min" | "any" | "all"): GraphOp => ({
  name,
  apply: ([a], context) => {
    const axes = someAxes(a, context, true);
    if (axes === null || ((name === "any" || name === "all") && !exact(a))) return null;
    return result(a.x[name](axes), a.bound, a.grain, context);
  },
});
const alongAxis = (
  name: string,
  f: (x: Tensor, axis: number) => Tensor,
  bound: (item: Item) => number,
  needs: (item: Item) => boolean = () => true,
): GraphOp => ({
  name,
  apply: ([a], context) => {
    if (a.x.rank === 0 || !needs(a)) return null;
    const axis = int(context, a.x.rank);
    if (a.x.shape[axis] === 0) return null;
    const item = { ...moderate(a, context), x: context.blur(moderate(a, context).x) };
    return result(f(item.x, axis), bound(a), 0, context);
  },
});
/** Elementwise formulas and reductions. */
export const formulas: readonly GraphOp[] = [
  binary("add", (p, q) => p + q, Math.min),
  binary("sub", (p, q) => p + q, Math.min),
  binary(
    "mul",
    (p, q) => p * q,
    (p, q) => p * q,
  ),
  binary("maximum", Math.max, Math.min),
  binary("minimum", Math.max, Math.min),
  {
    name: "div",
    apply: ([a, b], context) => {
      if (!fits(a.x.shape, b.x.shape)) return null;
      const [p, q] = [moderate(a, context), moderate(b, context)];
      return result(p.x.div(q.x.abs().add(0.5)), p.bound * 2, 0, context);
    },
  },
  {
    name: "pow",
    apply: ([a, b], context) => {
      if (!fits(a.x.shape, b.x.shape)) return null;
      const [p, q] = [moderate(a, context, 3), moderate(b, context, 2)];
      return result(p.x.abs().add(0.5).pow(q.x), 20, 0, context);
    },
  },
  {
    name: "add number",
    apply: ([a], context) => {
      const by = (int(context, 17) - 8) / 4;
      return isFloat(a)
        ? result(a.x.add(by), a.bound + 2, Math.min(a.grain, 0.25), context)
        : result(a.x.add(int(context, 9) - 4), a.bound + 4, 1, context);
    },
  },
  {
    name: "mul number",
    apply: ([a], context) =>
      result(
        moderate(a, context).x.mul((int(context, 17) - 8) / 4),
        a.bound * 2,
        a.bound > biggest ? 0 : a.grain * 0.25,
        context,
      ),
  },
  {
    name: "number - x",
    apply: ([a], context) => result(tensor(1).sub(a.x), a.bound + 1, Math.min(a.grain, 1), context),
  },
  { name: "neg", apply: ([a], context) => result(a.x.neg(), a.bound, a.grain, context) },
  { name: "abs", apply: ([a], context) => result(a.x.abs(), a.bound, a.grain, context) },
  { name: "relu", apply: ([a], context) => result(a.x.relu(), a.bound, a.grain, context) },
  {
    name: "clip",
    apply: ([a], context) =>
      isFloat(a) ? result(a.x.clip(-0.75, 1.25), Math.max(1.25, a.bound), Math.min(a.grain, 0.25), context) : null,
  },
  {
    name: "square",
    apply: ([a], context) => {
      const p = moderate(a, context, 100);
      return result(p.x.square(), p.bound ** 2, p.grain ** 2, context);
    },
  },
  jump("floor"),
  jump("ceil"),
  jump("round"),
  jump("sign"),
  smooth(
    "exp",
    (x) => x.exp(),
    (b) => Math.exp(b),
    5,
  ),
  smooth(
    "expm1",
    (x) => x.expm1(),
    (b) => Math.exp(b),
    5,
  ),
  smooth(
    "log",
    (x) => x.abs().add(0.1).log(),
    (b) => Math.max(2.4, Math.log(b + 0.1)),
  ),
  smooth(
    "log1p",
    (x) => x.abs().log1p(),
    (b) => Math.log1p(b),
  ),
  smooth(
    "sqrt",
    (x) => x.abs().add(0.1).sqrt(),
    (b) => Math.sqrt(b + 0.1),
  ),
  smooth(
    "reciprocal",
    (x) => x.abs().add(0.5).reciprocal(),
    () => 2,
  ),
  smooth(
    "sin",
    (x) => x.clip(-30, 30).sin(),
    () => 1,
    30,
  ),
  smooth(
    "cos",
    (x) => x.clip(-30, 30).cos(),
    () => 1,
    30,
  ),
  smooth(
    "tanh",
    (x) => x.tanh(),
    () => 1,
  ),
  smooth(
    "sigmoid",
    (x) => x.sigmoid(),
    () => 1,
  ),
  smooth(
    "erf",
    (x) => x.erf(),
    () => 1,
  ),
  smooth("softplus", softplus, (b) => b + 1),
  // Moved away from 0: its tail is 1 - 1, whose sign is a matter of the last bit.
  smooth(
    "gelu",
    (x) => gelu(x).add(0.3),
    (b) => b + 1,
  ),
  smooth("silu", silu, (b) => b),
  smooth(
    "detach",
    (x) => x.detach().add(x.mul(0.5)),
    (b) => 2 * b,
  ),
  compare("equal"),
  compare("notEqual"),
  compare("less"),
  compare("lessEqual"),
  compare("greater"),
  compare("greaterEqual"),
  compare("logicalAnd"),
  compare("logicalOr"),
  { name: "logicalNot", apply: ([a], context) => (exact(a) ? result(a.x.logicalNot(), 1, 1, context) : null) },
  {
    name: "where",
    apply: ([a, b, c], context) =>
      exact(a) && fits(a.x.shape, b.x.shape) && fits(a.x.shape, c.x.shape) && fits(b.x.shape, c.x.shape)
        ? result(where(a.x, b.x, c.x), Math.max(b.bound, c.bound), Math.min(b.grain, c.grain), context)
        : null,
  },
  { name: "to int32", apply: ([a], context) => (exact(a) ? result(a.x.cast("int32"), a.bound, 1, context) : null) },
  { name: "to bool", apply: ([a], context) => (exact(a) ? result(a.x.cast("bool"), 1, 1, context) : null) },
  { name: "to float32", apply: ([a], context) => result(a.x.cast("float32"), a.bound, a.grain, context) },
  accumulate("sum"),
  accumulate("sum"),
  accumulate("mean"),
  extreme("max"),
  extreme("min"),
  extreme("any"),
  extreme("all"),
  alongAxis(
    "argmax",
    (x, axis) => x.argmax({ axis }),
    (item) => sizeOf(item.x.shape),
    exact,
  ),
  alongAxis(
    "argmin",
    (x, axis) => x.argmin({ axis, keepDims: true }),
    (item) => sizeOf(item.x.shape),
    exact,
  ),
  alongAxis(
    "softmax",
    (x, axis) => x.softmax(axis),
    () => 1,
  ),
  alongAxis(
    "logSoftmax",
    (x, axis) => x.logSoftmax(axis),
    (item) => 2 * Math.min(item.bound, biggest) + 9,
  ),
  alongAxis(
    "logSumExp",
    (x, axis) => logSumExp(x, { axis }),
    (item) => Math.min(item.bound, biggest) + 9,
  ),
  alongAxis(
    "variance",
    (x, axis) => variance(x, { axis, correction: 0, keepDims: true }),
    (item) => Math.min(item.bound, biggest) ** 2,
  ),
];
