// Operations of random graphs that move, index and contract.
import type { Tensor } from "@downhill/tensor";
import {
  avgPool2d,
  concat,
  conv2d,
  cumsum,
  gather,
  maxPool2d,
  oneHot,
  pad,
  pick,
  scatterAdd,
  sort,
  stack,
  take,
  tensor,
  topK,
} from "@downhill/tensor";
import type { Context, GraphOp } from "./random-graph-item.js";
import { exact, fits, int, list, moderate, result, terms } from "./random-graph-item.js";
import { sizeOf } from "./support.js";

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

/** Movement, indexing and contraction. */
export const moves: readonly GraphOp[] = [
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
