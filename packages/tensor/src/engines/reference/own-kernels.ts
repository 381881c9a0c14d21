import type { CumsumAttribute, GatherAttribute, SortAttribute } from "../../ops/indexing.js";
import type { ConcatAttribute, FlipAttribute, PermuteAttribute } from "../../ops/movement.js";
import type { ReduceAttribute } from "../../ops/reduce.js";
import type { PlanNode } from "../../plan/plan.js";
import type { Shape } from "../../shape.js";
import { stridesOf } from "../../shape.js";
import { outOfRange } from "../faults.js";
import type { Values } from "./values.js";
import { valuesOf } from "./values.js";

/** The meaning of a primitive. */
export type Kernel = (node: PlanNode, inputs: readonly Values[], offset: number) => Values;

/** The primitives that are never fused, by name; those over windows come when one is first used. */
export const ownKernels: Record<string, Kernel> = {
  permute: (node, [x]) => {
    const { order } = node.attr as PermuteAttribute;
    const strides = stridesOf((node.views[0] as Shape).dims);
    return read(
      node,
      x as Values,
      0,
      order.map((axis) => strides[axis] as number),
    );
  },
  flip: (node, [x]) => {
    const { axes } = node.attr as FlipAttribute;
    const strides = stridesOf(node.shape.dims);
    let start = 0;
    for (const axis of axes) start += (strides[axis] as number) * ((node.shape.dims[axis] as number) - 1);
    return read(
      node,
      x as Values,
      start,
      strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
    );
  },
  slice: (node, [x], offset) => read(node, x as Values, offset, stridesOf((node.views[0] as Shape).dims)),
  pad: (node, [x, fill], offset) => {
    const out = valuesOf(node.dtype, node.shape.size).fill((fill as Values)[0] as number);
    write(out, node.shape, x as Values, (node.views[0] as Shape).dims, offset);
    return out;
  },
  concat: (node, [x, y]) => {
    const { axis } = node.attr as ConcatAttribute;
    const [first, second] = node.views as [Shape, Shape];
    const out = valuesOf(node.dtype, node.shape.size);
    write(out, node.shape, x as Values, first.dims, 0);
    write(
      out,
      node.shape,
      y as Values,
      second.dims,
      (first.dims[axis] as number) * (stridesOf(node.shape.dims)[axis] as number),
    );
    return out;
  },
  argmax: (node, [x]) => extremeIndex(node, x as Values, (value, best) => value > best),
  argmin: (node, [x]) => extremeIndex(node, x as Values, (value, best) => value < best),
  gather: (node, [x, index]) => {
    const { outer, extent, count, inner, shared } = node.attr as GatherAttribute;
    const out = valuesOf(node.dtype, node.shape.size);
    eachIndex(node, index as Values, outer, extent, count, inner, shared, (from, to) => {
      out[to] = (x as Values)[from] as number;
    });
    return out;
  },
  scatterAdd: (node, [g, index]) => {
    const { outer, extent, count, inner, shared } = node.attr as GatherAttribute;
    const out = valuesOf(node.dtype, node.shape.size);
    eachIndex(node, index as Values, outer, extent, count, inner, shared, (from, to) => {
      out[from] = (out[from] as number) + ((g as Values)[to] as number);
    });
    return out;
  },
  argsort: (node, [x]) => {
    const { descending } = node.attr as SortAttribute;
    const columns = node.shape.dims.at(-1) as number;
    const out = new Int32Array(node.shape.size);
    // NaN is the largest; a stable sort keeps equal elements in order either way.
    const compare = (a: number, b: number): number =>
      Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b || 0;
    for (let start = 0; start < out.length; start += columns) {
      const value = (i: number): number => (x as Values)[start + i] as number;
      const order = Array.from({ length: columns }, (_, i) => i);
      order.sort((i, j) => (descending ? sign(compare(value(j), value(i))) : sign(compare(value(i), value(j)))));
      out.set(order, start);
    }
    return out;
  },
  cumsum: (node, [x]) => {
    const { axis } = node.attr as CumsumAttribute;
    const step = stridesOf(node.shape.dims)[axis] as number;
    const extent = node.shape.dims[axis] as number;
    const out = valuesOf(node.dtype, node.shape.size);
    for (let i = 0; i < out.length; i++)
      out[i] = ((x as Values)[i] as number) + (Math.floor(i / step) % extent === 0 ? 0 : (out[i - step] as number));
    return out;
  },
};

const sign = (x: number): number => (x < 0 ? -1 : x > 0 ? 1 : 0);

/** Visits the multi-indices of `dims` in order; `offset` follows along `strides`. */
function walkBox(
  dims: readonly number[],
  strides: readonly number[],
  start: number,
  visit: (offset: number, i: number) => void,
): void {
  const index = new Array<number>(dims.length).fill(0);
  const size = dims.reduce((p, d) => p * d, 1);
  let offset = start;
  for (let i = 0; i < size; i++) {
    visit(offset, i);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      offset += strides[axis] as number;
      if ((index[axis] as number) < (dims[axis] as number)) break;
      offset -= (strides[axis] as number) * (dims[axis] as number);
      index[axis] = 0;
    }
  }
}

function read(node: PlanNode, x: Values, start: number, strides: readonly number[]): Values {
  const out = valuesOf(node.dtype, node.shape.size);
  walkBox(node.shape.dims, strides, start, (offset, i) => {
    out[i] = x[offset] as number;
  });
  return out;
}

function write(out: Values, shape: Shape, x: Values, box: readonly number[], start: number): void {
  walkBox(box, stridesOf(shape.dims), start, (offset, i) => {
    out[offset] = x[i] as number;
  });
}

function extremeIndex(node: PlanNode, x: Values, better: (value: number, best: number) => boolean): Values {
  const { outer, reduced, inner } = node.attr as ReduceAttribute;
  const out = new Int32Array(node.shape.size);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      let at = 0;
      for (let r = 1; r < reduced; r++) {
        const value = x[(o * reduced + r) * inner + i] as number;
        const best = x[(o * reduced + at) * inner + i] as number;
        if (better(value, best) || (Number.isNaN(value) && !Number.isNaN(best))) at = r;
      }
      out[o * inner + i] = at;
    }
  return out;
}

function eachIndex(
  node: PlanNode,
  index: Values,
  outer: number,
  extent: number,
  count: number,
  inner: number,
  shared: boolean,
  visit: (from: number, to: number) => void,
): void {
  for (let o = 0; o < outer; o++)
    for (let j = 0; j < count; j++)
      for (let i = 0; i < inner; i++) {
        const position = shared ? j : (o * count + j) * inner + i;
        const at = index[position] as number;
        if (at < 0 || at >= extent) throw outOfRange(node.op.name, at, position, extent);
        visit((o * extent + at) * inner + i, (o * count + j) * inner + i);
      }
}
