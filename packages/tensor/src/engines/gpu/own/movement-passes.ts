import type { ConcatAttribute, FlipAttribute, PermuteAttribute } from "../../../ops/movement.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { Shape } from "../../../shape.js";
import { stridesOf } from "../../../shape.js";
import type { OwnPasses, PassBuilder } from "../pass.js";
import { flatIndex, mergeAxes } from "./index-math.js";
import { PassText } from "./pass-text.js";

/** Reads along `strides` from `start` on, which for a box is a number of the plan. */
function readStrided(node: PlanNode, build: PassBuilder, strides: readonly number[], start: number | "offset"): void {
  const [input] = node.inputs as [PlanNode];
  const text = new PassText(build);
  const x = text.read(input);
  const axes = mergeAxes(node.shape.dims, strides);
  const coordinates = text.coordinates(axes.map(({ extent }) => extent));
  const from = flatIndex(
    coordinates,
    axes.map(({ stride }) => stride),
    start === "offset" ? text.number(node) : start,
  );
  text.finish(x(from), node.shape.size, build.place(node));
}

const expand: OwnPasses = (node, build) => {
  const view = (node.views[0] as Shape).dims;
  const own = stridesOf(view);
  const lead = node.shape.rank - view.length;
  const strides = node.shape.dims.map((_, axis) =>
    axis < lead || view[axis - lead] === 1 ? 0 : (own[axis - lead] as number),
  );
  readStrided(node, build, strides, 0);
};

const permute: OwnPasses = (node, build) => {
  const { order } = node.attr as PermuteAttribute;
  const strides = stridesOf((node.views[0] as Shape).dims);
  readStrided(
    node,
    build,
    order.map((axis) => strides[axis] as number),
    0,
  );
};

const flip: OwnPasses = (node, build) => {
  const { axes } = node.attr as FlipAttribute;
  const { dims } = node.shape;
  const strides = stridesOf(dims);
  const start = axes.reduce((sum, axis) => sum + (strides[axis] as number) * ((dims[axis] as number) - 1), 0);
  readStrided(
    node,
    build,
    strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
    start,
  );
};

const slice: OwnPasses = (node, build) => readStrided(node, build, stridesOf((node.views[0] as Shape).dims), "offset");

/** Threads outside the box return the fill; the box begins at the coordinates of its offset. */
const pad: OwnPasses = (node, build) => {
  const [input, fill] = node.inputs as [PlanNode, PlanNode];
  const [box] = node.views as [Shape];
  const text = new PassText(build);
  const [x, rest] = [text.read(input), text.read(fill)("0")];
  const output = build.place(node);
  if (box.size === 0) return text.finish(rest, node.shape.size, output);
  const { outer, inner } = boxAxes(box.dims, node.shape.dims);
  const own = text.coordinates(outer);
  const start = text.coordinates(outer, text.number(node));
  const at = inner.map((extent, axis) => {
    if (extent === outer[axis]) return own[axis] as string;
    text.add(`const b${axis}=${own[axis]}-${start[axis]};if(b${axis}<0||b${axis}>=${extent}){return ${rest};}`);
    return `b${axis}`;
  });
  text.finish(x(flatIndex(at, stridesOf(inner))), node.shape.size, output);
};

/** Extents of an array and of a box in it; an axis that the box fills is one with the axis before it. */
function boxAxes(box: readonly number[], array: readonly number[]): { outer: number[]; inner: number[] } {
  const outer: number[] = [];
  const inner: number[] = [];
  array.forEach((extent, axis) => {
    const own = box[axis] as number;
    if (own === extent && outer.length > 0) {
      outer.push((outer.pop() as number) * extent);
      inner.push((inner.pop() as number) * own);
    } else {
      outer.push(extent);
      inner.push(own);
    }
  });
  return { outer, inner };
}

const concat: OwnPasses = (node, build) => {
  const { axis } = node.attr as ConcatAttribute;
  const [first, second] = node.inputs as [PlanNode, PlanNode];
  const run = (shape: Shape): number => shape.dims.slice(axis).reduce((p, d) => p * d, 1);
  const [before, after] = node.views.map(run) as [number, number];
  const text = new PassText(build);
  const [x, y] = [text.read(first), text.read(second)];
  const [o, at] = text.coordinates([node.shape.size / (before + after), before + after]);
  text.add(`if(${at}<${before}){return ${x(flatIndex([o, at], [before, 1]))};}`);
  text.finish(y(flatIndex([o, at], [after, 1], -before)), node.shape.size, build.place(node));
};

export const movementPasses: Readonly<Record<string, OwnPasses>> = { expand, permute, flip, slice, pad, concat };
