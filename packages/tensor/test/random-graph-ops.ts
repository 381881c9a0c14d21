// The operations of random graphs. Each looks at its arguments and makes a node, or gives null when it does not apply.
// Jumps (floor, comparison, argmax) only read exact nodes: elsewhere a last bit would decide, and both engines be right.
import type { Tensor } from "@downhill/tensor";
import {
  avgPool2d,
  concat,
  conv2d,
  cumsum,
  gather,
  gelu,
  logSumExp,
  maxPool2d,
  oneHot,
  pad,
  pick,
  scatterAdd,
  silu,
  softplus,
  sort,
  stack,
  take,
  tensor,
  topK,
  variance,
  where,
} from "@downhill/tensor";
import type { Context, Item } from "./random-graph.js";
import { exact, isFloat } from "./random-graph.js";
import { sizeOf } from "./support.js";

interface GraphOp {
  readonly name: string;
  readonly apply: (args: [Item, Item, Item], context: Context) => Item | null;
}

const biggest = 1e4;
const int = (context: Context, limit: number): number => Math.floor(context.next() * limit);
const list = (count: number, limit: number, context: Context): Tensor =>
  tensor(Int32Array.from({ length: count }, () => int(context, limit)));

/** A result that is exact if its bound and grain allow, and blurred otherwise. */
function result(x: Tensor, bound: number, grain: number, { blur }: Context): Item {
  if (x.dtype !== "float32") return { x, bound: Math.min(bound, 2 ** 31), grain: 1 };
  const made = { x, bound, grain };
  return exact(made) ? made : { x: blur(x), bound, grain: 0 };
}
/** A float of moderate size: larger ones are squashed first, so that nothing overflows. */
function moderate(item: Item, context: Context, limit = biggest): Item {
  const x = item.x.cast("float32");
  if (item.bound <= limit) return { ...item, x };
  return { x: context.blur(x.mul(1 / item.bound)), bound: 1, grain: 0 };
}
/** Operands of a sum of many terms: where the result is not exact, each term is off by a bit, not only the sum. */
const terms = (item: Item, bound: number, grain: number, { blur }: Context): Tensor =>
  isFloat(item) && !exact({ ...item, bound, grain }) ? blur(item.x) : item.x;

const fits = (a: readonly number[], b: readonly number[]): boolean => {
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [p, q] = [a[a.length - i], b[b.length - i]];
    if (p !== q && p !== 1 && q !== 1) return false;
  }
  return true;
};

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
/** An operation that only moves elements. */
const move = (name: string, f: (x: Tensor, context: Context) => Tensor | null): GraphOp => ({
  name,
  apply: (args, context) => {
    const x = f(args[0].x, context);
    return x === null ? null : { ...args[0], x };
  },
});
const withAxis =
  (f: (x: Tensor, axis: number, context: Context) => Tensor | null) =>
  (x: Tensor, context: Context): Tensor | null =>
    x.rank === 0 ? null : f(x, int(context, x.rank), context);

export const graphOps: readonly GraphOp[] = [
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
    (x) => x.sin(),
    () => 1,
    30,
  ),
  smooth(
    "cos",
    (x) => x.cos(),
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
  smooth("gelu", gelu, (b) => b),
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
  {
    name: "cumsum",
    apply: ([a], context) => {
      if (a.x.rank === 0) return null;
      const bound = a.bound * Math.max(1, a.x.size);
      return result(
        cumsum(terms(a, bound, a.grain, context), { axis: int(context, a.x.rank) }),
        bound,
        a.grain,
        context,
      );
    },
  },
  {
    name: "sort",
    apply: ([a], context) =>
      a.x.rank === 0
        ? null
        : result(
            sort(a.x, { axis: int(context, a.x.rank), descending: context.next() < 0.5 }).values,
            a.bound,
            a.grain,
            context,
          ),
  },
  {
    name: "argsort",
    apply: ([a], context) =>
      a.x.rank === 0 || !exact(a)
        ? null
        : result(sort(a.x, { axis: int(context, a.x.rank), descending: context.next() < 0.5 }).indices, 70, 1, context),
  },
  {
    name: "topK",
    apply: ([a], context) => {
      if (a.x.rank === 0) return null;
      const axis = int(context, a.x.rank);
      return result(
        topK(a.x, int(context, (a.x.shape[axis] as number) + 1), { axis }).values,
        a.bound,
        a.grain,
        context,
      );
    },
  },
  move("transpose", (x, context) => {
    const order = [...x.shape.keys()];
    for (let i = order.length - 1; i > 0; i--) {
      const j = int(context, i + 1);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return x.transpose(order);
  }),
  move("flatten", (x, context) => x.flatten(x.rank === 0 ? 0 : int(context, x.rank))),
  move("reshape", (x, context) => {
    const divisors = [1, 2, 3, 4, 5].filter((each) => x.size % each === 0);
    const rows = divisors[int(context, divisors.length)] as number;
    return x.reshape([rows, x.size / rows]);
  }),
  move("unsqueeze", (x, context) => (x.rank > 3 ? null : x.unsqueeze(int(context, x.rank + 1)))),
  move("squeeze", (x) => x.squeeze()),
  move("flip", (x, context) => x.flip(x.rank === 0 ? [] : [int(context, x.rank)])),
  move(
    "slice",
    withAxis((x, axis, context) => {
      const extent = x.shape[axis] as number;
      const start = int(context, extent + 1);
      const end = start + int(context, extent - start + 1);
      return x.slice(
        x.shape.map((_, i) => (i === axis ? start : 0)),
        x.shape.map((each, i) => (i === axis ? end : each)),
      );
    }),
  ),
  move("pad", (x, context) =>
    pad(
      x,
      x.shape.map(() => [int(context, 3), int(context, 2)] as const),
    ),
  ),
  move("expand", (x, context) =>
    x.rank > 3
      ? null
      : x.expand([int(context, 4), ...x.shape.map((each) => (each === 1 ? 1 + int(context, 5) : each))]),
  ),
  move(
    "take",
    withAxis((x, axis, context) =>
      (x.shape[axis] as number) === 0 ? null : take(x, list(int(context, 6), x.shape[axis] as number, context), axis),
    ),
  ),
  move(
    "gather",
    withAxis((x, axis, context) => {
      if (x.size === 0) return null;
      const shape = x.shape.map((each, i) => (i === axis ? 3 : each));
      return gather(x, list(sizeOf(shape), x.shape[axis] as number, context).reshape(shape), axis);
    }),
  ),
  move("pick", (x, context) => {
    const columns = x.shape.at(-1) ?? 0;
    const rows = x.shape.slice(0, -1);
    return columns === 0 ? null : pick(x, list(sizeOf(rows), columns, context).reshape(rows));
  }),
  {
    name: "scatterAdd",
    apply: ([a], context) => {
      if (a.x.rank === 0) return null;
      const axis = int(context, a.x.rank);
      const bound = a.bound * Math.max(1, a.x.shape[axis] as number);
      return result(
        scatterAdd(terms(a, bound, a.grain, context), list(a.x.size, 4, context).reshape(a.x.shape), axis, 4),
        bound,
        a.grain,
        context,
      );
    },
  },
  {
    name: "oneHot",
    apply: ([a], context) =>
      a.x.dtype === "int32" && a.x.rank < 4 ? result(oneHot(a.x.maximum(0).minimum(2), 3), 1, 1, context) : null,
  },
  {
    name: "concat",
    apply: ([a, b], context) => {
      if (a.x.rank === 0) return null;
      const axis = int(context, a.x.rank);
      const same = a.x.rank === b.x.rank && a.x.shape.every((each, i) => i === axis || each === b.x.shape[i]);
      const other = same ? b : a;
      return result(
        concat([a.x, other.x, a.x], axis),
        Math.max(a.bound, other.bound),
        Math.min(a.grain, other.grain),
        context,
      );
    },
  },
  {
    name: "stack",
    apply: ([a, b], context) => {
      if (a.x.rank > 3) return null;
      const other = a.x.shape.join() === b.x.shape.join() ? b : a;
      return result(
        stack([a.x, other.x], int(context, a.x.rank + 1)),
        Math.max(a.bound, other.bound),
        Math.min(a.grain, other.grain),
        context,
      );
    },
  },
  {
    name: "matmul",
    apply: ([a, b], context) => {
      if (a.x.rank === 0 || b.x.rank === 0) return null;
      const [p, q] = [moderate(a, context, 100), moderate(b, context, 100)];
      const swapped = (x: Tensor): Tensor =>
        x.rank < 2 ? x : x.transpose([...x.shape.keys()].map((i) => (i < x.rank - 2 ? i : 2 * x.rank - 3 - i)));
      // The first pairing whose extents fit; a matrix with its own transpose always does.
      for (const [left, right, of] of [
        [p.x, q.x, q],
        [p.x, swapped(q.x), q],
        [swapped(p.x), q.x, q],
        [p.x, swapped(p.x), p],
      ] as const) {
        const inner = left.shape.at(-1) as number;
        if (
          inner !== right.shape.at(right.rank === 1 ? 0 : -2) ||
          !fits(left.shape.slice(0, -2), right.shape.slice(0, -2))
        )
          continue;
        const [bound, grain] = [p.bound * of.bound * Math.max(1, inner), p.grain * of.grain];
        const [x, y] = [
          terms({ ...p, x: left }, bound, grain, context),
          terms({ ...of, x: right }, bound, grain, context),
        ];
        return result(x.matmul(y), bound, grain, context);
      }
      return null;
    },
  },
  ...(["conv2d", "maxPool2d", "avgPool2d"] as const).map(
    (name): GraphOp => ({
      name,
      apply: ([a], context) => {
        const item = moderate(a, context, 100);
        const [height, width] = [a.x.shape.at(-2) ?? 0, a.x.shape.at(-1) ?? 0];
        if (a.x.rank < 2 || height < 2 || width < 2 || a.x.size === 0) return null;
        const [stride, padding] = [1 + int(context, 2), int(context, 2)];
        const image = (x: Tensor): Tensor => x.reshape([1, x.size / (height * width), height, width]);
        if (name === "maxPool2d")
          return result(maxPool2d(image(item.x), { size: 2, stride, padding }), item.bound, item.grain, context);
        const x = image(terms(item, item.bound * 4, item.grain / 16, context));
        if (name === "avgPool2d")
          return result(avgPool2d(x, { size: 2, stride, padding }), item.bound, item.grain / 4, context);
        const channels = x.shape[1] as number;
        const kernel = tensor(
          Float32Array.from({ length: channels * 4 }, () => (int(context, 9) - 4) / 4),
          { shape: [channels, 1, 2, 2] },
        );
        return result(
          conv2d(x, kernel, { stride, padding, groups: channels }),
          item.bound * 4,
          item.grain / 4,
          context,
        );
      },
    }),
  ),
];
