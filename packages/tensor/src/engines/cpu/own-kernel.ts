import type { MatmulAttribute } from "../../ops/contract.js";
import type { CumsumAttribute, GatherAttribute, SortAttribute } from "../../ops/indexing.js";
import type { ConcatAttribute, FlipAttribute, PermuteAttribute } from "../../ops/movement.js";
import type { ReduceAttribute, ReduceOp } from "../../ops/reduce.js";
import type { PlanNode } from "../../plan/plan.js";
import type { Shape } from "../../shape.js";
import { stridesOf } from "../../shape.js";
import type { Word } from "./program.js";
import type { OtherStep, RunContext, Work } from "./step.js";
import type { Surroundings } from "./surroundings.js";
import { faultCode } from "./surroundings.js";

/** A lowered kernel: what to do, and the scratch memory that each thread needs for it. */
export interface Own extends OtherStep {
  readonly scratchBytes: number;
}

/** Turns a primitive into its kernel. */
export type Lower = (node: PlanNode, around: Surroundings) => Own;

const step = (run: Own["run"]): Own => ({ run, scratchBytes: 0, nanoseconds: 0 });
/** Work that threads share. */
export const shared = (work: Work, scratchBytes = 0): Own => ({
  run: ({ share }) => share(work),
  scratchBytes,
  nanoseconds: work.nanoseconds,
});
const product = (dims: readonly number[]): number => dims.reduce((p, d) => p * d, 1);

/** The primitives that are never fused, by name; those over windows come when one is first used. */
export const ownKernels: Record<string, Lower> = {
  expand: (node, around) => {
    const view = (node.views[0] as Shape).dims;
    const own = stridesOf(view);
    const lead = node.shape.rank - view.length;
    return readStrided(
      node,
      around,
      node.shape.dims.map((_, axis) => (axis < lead || view[axis - lead] === 1 ? 0 : (own[axis - lead] as number))),
      0,
    );
  },
  permute: (node, around) => {
    const { order } = node.attr as PermuteAttribute;
    const strides = stridesOf((node.views[0] as Shape).dims);
    return readStrided(
      node,
      around,
      order.map((axis) => strides[axis] as number),
      0,
    );
  },
  flip: (node, around) => {
    const { axes } = node.attr as FlipAttribute;
    const strides = stridesOf(node.shape.dims);
    const start = axes.reduce(
      (sum, axis) => sum + (strides[axis] as number) * ((node.shape.dims[axis] as number) - 1),
      0,
    );
    return readStrided(
      node,
      around,
      strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
      start,
    );
  },
  slice: (node, around) => readStrided(node, around, stridesOf((node.views[0] as Shape).dims), "offset"),
  pad: (node, around) => {
    const [x, fill] = node.inputs as [PlanNode, PlanNode];
    const [box] = node.views as [Shape];
    const out = around.cellOf(node);
    const source = around.cellOf(x);
    const value = around.cellOf(fill);
    const block = writeMove(around, box.dims, stridesOf(node.shape.dims), stridesOf(box.dims));
    return {
      ...step((context) => {
        const { kernels, at, bits, number } = context;
        kernels.fill(at(out), bits(at(value)), node.shape.size);
        if (box.size > 0) copy(context, block, box.size, at(out) + number(node) * 4, at(source));
      }),
      nanoseconds: box.size * moveTime,
    };
  },
  concat: (node, around) => {
    const { axis } = node.attr as ConcatAttribute;
    const strides = stridesOf(node.shape.dims);
    const out = around.cellOf(node);
    let start = 0;
    const parts = node.inputs.map((input, i) => {
      const { dims, size } = node.views[i] as Shape;
      const part = {
        size,
        cell: around.cellOf(input),
        block: writeMove(around, dims, strides, stridesOf(dims)),
        offset: start,
      };
      start += (dims[axis] as number) * (strides[axis] as number) * 4;
      return part;
    });
    return {
      ...step((context) => {
        const { at } = context;
        for (const { size, cell, block, offset } of parts)
          if (size > 0) copy(context, block, size, at(out) + offset, at(cell));
      }),
      nanoseconds: node.shape.size * moveTime,
    };
  },
  argmax: extremeIndex,
  argmin: extremeIndex,
  sum: generalReduce,
  max: generalReduce,
  min: generalReduce,
  matmul: (node, around) => {
    // Without an inner extent: a sum of nothing.
    const out = around.cellOf(node);
    const { batch, m, n } = node.attr as MatmulAttribute;
    return step(({ kernels, at }) => kernels.fill(at(out), 0, batch * m * n));
  },
  gather: (node, around) => {
    const { outer, count } = node.attr as GatherAttribute;
    const { out, x, index, block } = indexed(node, around, faultCode.gather);
    return shared({
      kernel: "gather",
      count: outer * count,
      nanoseconds: node.shape.size * moveTime,
      args: ({ at, word }) => [at(out), at(x), at(index), word(block)],
    });
  },
  scatterAdd: (node, around) => {
    const { outer, extent, count, inner } = node.attr as GatherAttribute;
    const { out, x, index, block } = indexed(node, around, faultCode.scatterAdd);
    return shared({
      kernel: "scatterAdd",
      count: outer * extent,
      // Every piece looks at all indices: only long rows are worth that.
      nanoseconds: inner < 16 ? 0 : outer * (count + extent) * inner * 0.3,
      pieces: 1,
      args: ({ at, word }) => [at(out), at(x), at(index), word(block), Number(node.dtype === "int32")],
    });
  },
  argsort: (node, around) => {
    const { descending } = node.attr as SortAttribute;
    const [x] = node.inputs as [PlanNode];
    const n = node.shape.dims.at(-1) as number;
    const [out, source] = [around.cellOf(node), around.cellOf(x)];
    const flags = [Number(descending), Number(x.dtype === "int32")] as const;
    return shared(
      {
        kernel: "argsort",
        count: node.shape.size / n,
        nanoseconds: node.shape.size * 15,
        args: ({ at, scratch }) => [at(out), at(source), scratch, n, ...flags],
      },
      around.kernels.argsortScratchBytes(n),
    );
  },
  cumsum: (node, around) => {
    const { axis } = node.attr as CumsumAttribute;
    const { dims } = node.shape;
    const [x] = node.inputs as [PlanNode];
    const [out, source] = [around.cellOf(node), around.cellOf(x)];
    const [outer, extent, inner] = [product(dims.slice(0, axis)), dims[axis] as number, product(dims.slice(axis + 1))];
    return shared({
      kernel: "cumsum",
      count: outer,
      nanoseconds: node.shape.size,
      args: ({ at }) => [at(out), at(source), extent, inner, 0, Number(node.dtype === "int32")],
    });
  },
};

function readStrided(node: PlanNode, around: Surroundings, strides: readonly number[], start: number | "offset"): Own {
  const [input] = node.inputs as [PlanNode];
  const [out, source] = [around.cellOf(node), around.cellOf(input)];
  const block = writeMove(around, node.shape.dims, stridesOf(node.shape.dims), strides);
  return {
    ...step((context) => {
      const { at, number } = context;
      const offset = start === "offset" ? number(node) : start;
      copy(context, block, node.shape.size, at(out), at(source) + offset * 4);
    }),
    nanoseconds: node.shape.size * moveTime,
  };
}

/** Nanoseconds per element that is moved. */
const moveTime = 0.5;

function copy(context: RunContext, block: Move, size: number, to: number, from: number): void {
  context.share({
    kernel: "stridedCopy",
    count: block.lines,
    nanoseconds: size * moveTime,
    args: ({ word }) => [to, from, word(block.at)],
  });
}

interface Move {
  readonly at: Word;
  readonly lines: number;
}

/** The block of a strided copy, see assembly/move.ts, with axes merged where both sides allow; `lines` is its outer extent. */
function writeMove(
  around: Surroundings,
  dims: readonly number[],
  to: readonly number[],
  from: readonly number[],
): Move {
  const axes: { extent: number; to: number; from: number }[] = [];
  dims.forEach((extent, axis) => {
    if (extent === 1) return;
    const own = { extent, to: to[axis] as number, from: from[axis] as number };
    const last = axes.at(-1);
    if (last !== undefined && last.to === own.to * extent && last.from === own.from * extent) {
      last.extent *= extent;
      last.to = own.to;
      last.from = own.from;
    } else axes.push(own);
  });
  if (axes.length > 8)
    throw new RangeError(`cpu: "shape" expected at most 8 axes that cannot be merged for a copy, got ${axes.length}`);
  if (axes.length === 0) axes.push({ extent: 1, to: 1, from: 1 });
  const at = around.writer.reserve(25);
  around.writer.put(at, axes.length);
  axes.forEach((axis, i) => {
    around.writer.put(at + 1 + i, axis.extent);
    around.writer.put(at + 9 + i, axis.to * 4);
    around.writer.put(at + 17 + i, axis.from * 4);
  });
  return { at, lines: axes[0]?.extent ?? 1 };
}

function extremeIndex(node: PlanNode, around: Surroundings): Own {
  const { outer, reduced, inner } = node.attr as ReduceAttribute;
  const [x] = node.inputs as [PlanNode];
  const [out, source] = [around.cellOf(node), around.cellOf(x)];
  const flags = [Number(node.op.name === "argmin"), Number(x.dtype === "int32")] as const;
  return shared({
    kernel: "argReduce",
    count: outer,
    nanoseconds: outer * reduced * inner * 0.5,
    args: ({ at }) => [at(out), at(source), reduced, inner, ...flags],
  });
}

function generalReduce(node: PlanNode, around: Surroundings): Own {
  const { outer, reduced, inner } = node.attr as ReduceAttribute;
  const { reduction } = node.op as ReduceOp;
  const [x] = node.inputs as [PlanNode];
  const [out, source] = [around.cellOf(node), around.cellOf(x)];
  const op = reduction === "sum" ? 0 : reduction === "max" ? 1 : 2;
  return shared(
    {
      kernel: "reduceMiddle",
      count: outer,
      nanoseconds: outer * reduced * inner * 0.2,
      args: ({ at, scratch }) => [at(out), at(source), reduced, inner, op, Number(node.dtype === "int32"), scratch],
    },
    around.kernels.reduceScratchBytes(inner),
  );
}

/** The block of gather and scatter-add, see assembly/index-ops.ts. */
function indexed(node: PlanNode, around: Surroundings, code: number): { out: Word; x: Word; index: Word; block: Word } {
  const { outer, extent, count, inner, shared } = node.attr as GatherAttribute;
  const [x, index] = node.inputs as [PlanNode, PlanNode];
  const block = around.writer.reserve(9);
  const strides = shared ? [0, 1, 0] : [count * inner, inner, 1];
  around.writer.put(block, outer, extent, count, inner, ...strides, around.kernels.fault.value as number, code);
  return { out: around.cellOf(node), x: around.cellOf(x), index: around.cellOf(index), block };
}
