import type { ConvolutionAttribute, PoolAttribute } from "../../ops/contract.js";
import type { PlanNode } from "../../plan/plan.js";
import type { Lower, Own } from "./own-kernel.js";
import { shared } from "./own-kernel.js";
import type { RangeKernel } from "./step.js";
import type { Surroundings } from "./surroundings.js";

/** Convolutions and poolings, by name. */
export const windowKernels: Readonly<Record<string, Lower>> = {
  conv2d: (node, around) => convolution(node, around, ["x", "w", "y"], "conv2d"),
  conv2dInput: (node, around) => convolution(node, around, ["y", "w", "x"], "conv2dInputGrad"),
  conv2dWeight: (node, around) => convolution(node, around, ["x", "y", "w"], "conv2dWeightGrad"),
  maxPoolIndex: (node, around) => pooling(node, around, ["x", "y"], "maxPoolIndex2d"),
  avgPool2d: (node, around) => pooling(node, around, ["x", "y"], "avgPool2d"),
  avgPool2dInput: (node, around) => pooling(node, around, ["y", "x"], "avgPool2dGrad"),
};

type Side = "x" | "w" | "y";

/** The block of the convolutions, see assembly/conv.ts; `sides` says which operand the inputs and the result are. */
function convolution(
  node: PlanNode,
  around: Surroundings,
  sides: readonly [Side, Side, Side],
  kernel: RangeKernel,
): Own {
  const attr = node.attr as ConvolutionAttribute;
  const [images, channels, height, width] = attr.x as [number, number, number, number];
  const [filters, perGroup, kernelHeight, kernelWidth] = attr.w as [number, number, number, number];
  const [, , outHeight, outWidth] = attr.y as [number, number, number, number];
  const { writer, kernels } = around;
  const block = writer.reserve(20);
  writer.put(block, images, channels, height, width, filters, kernelHeight, kernelWidth, outHeight, outWidth);
  writer.put(block + 9, ...attr.stride, ...attr.padding, ...attr.dilation, attr.groups);
  [...node.inputs, node].forEach((operand, i) => {
    writer.point(block + 16 + { x: 0, w: 1, y: 2 }[sides[i] as Side], around.cellOf(operand));
  });
  writer.point(block + 19, writer.scratchCell(0));
  const multiplications = images * filters * outHeight * outWidth * perGroup * kernelHeight * kernelWidth;
  return shared(
    {
      kernel,
      count: kernel === "conv2dWeightGrad" ? channels : images,
      nanoseconds: multiplications / 15,
      pieces: 2,
      args: ({ word }) => [word(block)],
    },
    around.measure(block, 20, kernels.convScratchBytes),
  );
}

/** The block of the poolings, see assembly/pool.ts. */
function pooling(
  node: PlanNode,
  around: Surroundings,
  sides: readonly ["x" | "y", "x" | "y"],
  kernel: RangeKernel,
): Own {
  const attr = node.attr as PoolAttribute;
  const [images, channels, height, width] = attr.x as [number, number, number, number];
  const [, , outHeight, outWidth] = attr.y as [number, number, number, number];
  const { writer } = around;
  const block = writer.reserve(13);
  writer.put(
    block,
    images * channels,
    height,
    width,
    ...attr.size,
    outHeight,
    outWidth,
    ...attr.stride,
    ...attr.padding,
  );
  [...node.inputs, node].forEach((operand, i) => {
    writer.point(block + (sides[i] === "x" ? 11 : 12), around.cellOf(operand));
  });
  const [kernelHeight, kernelWidth] = attr.size;
  return shared({
    kernel,
    count: images * channels,
    nanoseconds: images * channels * outHeight * outWidth * kernelHeight * kernelWidth * 0.4,
    args: ({ word }) => [word(block)],
  });
}
