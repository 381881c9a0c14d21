import { describe, integer } from "../check.js";
import { addWindows } from "../engines/windows.js";
import type { Node } from "../node.js";
import { attribute } from "../node.js";
import type { ConvolutionAttribute, PoolAttribute } from "../ops/contract.js";
import { averagePool, convolve, maxPoolIndex } from "../ops/contract.js";
import { cast } from "../ops/elementwise.js";
import { gather, gatherAttribute } from "../ops/indexing.js";
import { reshape } from "../ops/movement.js";
import { shapeOf, show } from "../shape.js";
import type { TensorLike } from "../tensor.js";
import { Tensor, toNode } from "../tensor.js";

/** One number for both axes, or `[vertical, horizontal]`. */
export type Pair = number | readonly [number, number];

/** Options of {@link conv2d}. */
export interface Conv2dOptions {
  /** Steps between windows. @defaultValue 1 */
  readonly stride?: Pair | undefined;
  /** Zeros added on each side. @defaultValue 0 */
  readonly padding?: Pair | undefined;
  /** Distance between the taps of the kernel. @defaultValue 1 */
  readonly dilation?: Pair | undefined;
  /** Groups of channels that do not see each other. @defaultValue 1 */
  readonly groups?: number | undefined;
}

/**
 * Convolution (cross-correlation, as everywhere in the field) of images with kernels.
 *
 * @param x - `[batch, channels, height, width]`
 * @param weight - `[filters, channels / groups, kernelHeight, kernelWidth]`
 * @param options - stride, padding, dilation, groups
 * @returns `[batch, filters, outHeight, outWidth]` with $out = \lfloor (in + 2\,padding - dilation\,(kernel - 1) - 1) / stride \rfloor + 1$
 * @throws RangeError when the shapes do not fit together
 * @example
 * import { conv2d, ones } from "@downhill/tensor";
 * await conv2d(ones([1, 1, 2, 2]), ones([1, 1, 2, 2])).array(); // => [[[[4]]]]
 */
export function conv2d(x: TensorLike, weight: TensorLike, options: Conv2dOptions = {}): Tensor {
  const input = cast(toNode("conv2d", "x", x), "float32");
  const kernel = cast(toNode("conv2d", "weight", weight), "float32");
  addWindows();
  checkRank("conv2d", "x", input);
  checkRank("conv2d", "weight", kernel);
  const stride = pair("conv2d", "stride", options.stride ?? 1, 1);
  const padding = pair("conv2d", "padding", options.padding ?? 0, 0);
  const dilation = pair("conv2d", "dilation", options.dilation ?? 1, 1);
  const { groups = 1 } = options;
  integer("conv2d", "groups", groups, 1);
  const [batch, channels, height, width] = input.shape.dims as unknown as [number, number, number, number];
  const [filters, perGroup, kernelHeight, kernelWidth] = kernel.shape.dims as unknown as [
    number,
    number,
    number,
    number,
  ];
  if (perGroup * groups !== channels)
    throw new RangeError(
      `conv2d: "weight" expected ${channels / groups} channels per group for "x" ${show(input.shape)} and ${groups} groups, got shape ${show(kernel.shape)}`,
    );
  if (filters % groups !== 0)
    throw new RangeError(`conv2d: "groups" expected a divisor of the ${filters} filters, got ${groups}`);
  const extents = [
    windows("conv2d", "weight", height, padding[0], dilation[0] * (kernelHeight - 1) + 1, stride[0]),
    windows("conv2d", "weight", width, padding[1], dilation[1] * (kernelWidth - 1) + 1, stride[1]),
  ];
  const attr: ConvolutionAttribute = attribute("convolution", {
    stride,
    padding,
    dilation,
    groups,
    x: input.shape.dims,
    w: kernel.shape.dims,
    y: [batch, filters, ...extents],
  });
  return new Tensor(convolve(input, kernel, attr));
}

/** Options of {@link maxPool2d} and {@link avgPool2d}. */
export interface Pool2dOptions {
  /** Extent of a window. */
  readonly size: Pair;
  /** Steps between windows. @defaultValue the size */
  readonly stride?: Pair | undefined;
  /** Padding on each side, at most half the size. @defaultValue 0 */
  readonly padding?: Pair | undefined;
}

/**
 * Largest element of each window. Padding never wins; the gradient goes to the first largest element.
 *
 * @param x - `[batch, channels, height, width]`
 * @param options - size, stride (the size by default), padding
 * @returns `[batch, channels, outHeight, outWidth]`
 * @throws RangeError when the window does not fit
 * @example
 * import { maxPool2d, tensor } from "@downhill/tensor";
 * await maxPool2d(tensor([[[[1, 2], [3, 4]]]]), { size: 2 }).array(); // => [[[[4]]]]
 */
export function maxPool2d(x: TensorLike, options: Pool2dOptions): Tensor {
  const { input, attr } = pooling("maxPool2d", x, options);
  const index = maxPoolIndex(input, attr);
  const flat = reshape(input, shapeOf([input.shape.size]));
  const flatIndex = reshape(index, shapeOf([index.shape.size]));
  const values = gather(flat, flatIndex, gatherAttribute(flat.shape, 0, flatIndex.shape, false));
  return new Tensor(reshape(values, index.shape));
}

/**
 * Mean of each window; padding counts as zeros, as by default in PyTorch.
 *
 * @param x - `[batch, channels, height, width]`
 * @param options - size, stride (the size by default), padding
 * @returns `[batch, channels, outHeight, outWidth]`
 * @throws RangeError when the window does not fit
 * @example
 * import { avgPool2d, tensor } from "@downhill/tensor";
 * await avgPool2d(tensor([[[[1, 2], [3, 4]]]]), { size: 2 }).array(); // => [[[[2.5]]]]
 */
export function avgPool2d(x: TensorLike, options: Pool2dOptions): Tensor {
  const { input, attr } = pooling("avgPool2d", x, options);
  return new Tensor(averagePool(input, attr));
}

function pooling(fn: string, x: TensorLike, options: Pool2dOptions): { input: Node; attr: PoolAttribute } {
  const input = cast(toNode(fn, "x", x), "float32");
  addWindows();
  checkRank(fn, "x", input);
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${fn}: "options" expected an object with a size, got ${describe(options)}`);
  const size = pair(fn, "size", options.size, 1);
  const stride = pair(fn, "stride", options.stride ?? size, 1);
  const padding = pair(fn, "padding", options.padding ?? 0, 0);
  if (padding[0] * 2 > size[0] || padding[1] * 2 > size[1])
    throw new RangeError(`${fn}: "padding" expected at most half of the size [${size}], got [${padding}]`);
  const [batch, channels, height, width] = input.shape.dims as unknown as [number, number, number, number];
  const y = [
    batch,
    channels,
    windows(fn, "size", height, padding[0], size[0], stride[0]),
    windows(fn, "size", width, padding[1], size[1], stride[1]),
  ];
  return { input, attr: attribute("pool", { size, stride, padding, x: input.shape.dims, y }) };
}

function windows(fn: string, name: string, extent: number, padding: number, reach: number, stride: number): number {
  const room = extent + 2 * padding - reach;
  if (room < 0)
    throw new RangeError(
      `${fn}: "${name}" expected a window of at most ${extent + 2 * padding} (with padding), got ${reach}`,
    );
  return Math.floor(room / stride) + 1;
}

function pair(fn: string, name: string, value: Pair, low: number): [number, number] {
  if (typeof value !== "number" && !Array.isArray(value))
    throw new TypeError(`${fn}: "${name}" expected an integer or a pair of integers, got ${describe(value)}`);
  const [y, x] = (typeof value === "number" ? [value, value] : value) as [number, number];
  integer(fn, name, y, low);
  integer(fn, name, x, low);
  return [y, x];
}

function checkRank(fn: string, name: string, node: Node): void {
  if (node.shape.rank !== 4)
    throw new RangeError(
      `${fn}: "${name}" expected 4 axes, got shape ${show(node.shape)}; a single image needs unsqueeze(0)`,
    );
}
