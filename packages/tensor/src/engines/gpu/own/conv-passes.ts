import type { ConvolutionAttribute } from "../../../ops/contract.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { OwnPasses } from "../pass.js";
import { divide, flatIndex } from "./index-math.js";
import { PassText } from "./pass-text.js";
import { finishParts, partition } from "./reduce-passes.js";
import { sumProducts } from "./sum-products.js";
import { guard, loop } from "./text-pieces.js";

/** One of the two axes of an image, under a convolution. */
interface Side {
  /** Part of the names of its coordinates: `ix` in the input, `kx` in the kernel, `ox` in the output. */
  readonly axis: "y" | "x";
  readonly extent: number;
  readonly kernel: number;
  readonly out: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

function geometry(attr: ConvolutionAttribute) {
  const [images, channels, height, width] = attr.x as [number, number, number, number];
  const [filters, perGroup, kernelHeight, kernelWidth] = attr.w as [number, number, number, number];
  const [, , outHeight, outWidth] = attr.y as [number, number, number, number];
  const side = (axis: "y" | "x", extent: number, kernel: number, out: number): Side => {
    const i = axis === "y" ? 0 : 1;
    return { axis, extent, kernel, out, stride: attr.stride[i], padding: attr.padding[i], dilation: attr.dilation[i] };
  };
  return {
    images,
    perGroup,
    groups: attr.groups,
    filters: filters / attr.groups,
    y: side("y", height, kernelHeight, outHeight),
    x: side("x", width, kernelWidth, outWidth),
    /** Elements of a plane, and of an image, of the input, and of the output; of a filter's plane. */
    inPlane: height * width,
    inImage: channels * height * width,
    outPlane: outHeight * outWidth,
    outImage: filters * outHeight * outWidth,
    tap: kernelHeight * kernelWidth,
  };
}

/** `body` with the input coordinate that an output and a kernel coordinate meet, where that is no padding. */
function inputAt({ axis, extent, stride, padding, dilation }: Side, o: string, k: string, body: string): string {
  const at = flatIndex([o, k], [stride, dilation]);
  const inside = padding === 0 ? null : `i${axis}>=0&&i${axis}<${extent}`;
  return `const i${axis}=${padding === 0 ? at : `${at}-${padding}`};${guard(inside, body)}`;
}

/** `body` with the output coordinate whose window has the input coordinate under the kernel coordinate, where there is one. */
function outputAt({ axis, out, stride, padding, dilation }: Side, i: string, k: string, body: string): string {
  const from = `${flatIndex([i], [1], padding)}${dilation === 1 ? `-${k}` : `-${k}*${dilation}`}`;
  if (stride === 1) return `const o${axis}=${from};${guard(`o${axis}>=0&&o${axis}<${out}`, body)}`;
  const whole = guard(`r${axis}<1&&o${axis}<${out}`, body);
  return `const d${axis}=${from};${guard(`d${axis}>=0`, divide(`d${axis}`, stride, `o${axis}`, `r${axis}`) + whole)}`;
}

/** A thread per output: the sum over the kernel and over the channels of its group. */
const conv2d: OwnPasses = (node, build) => {
  const sizes = geometry(node.attr as ConvolutionAttribute);
  const { images, groups, perGroup, filters, y, x, inPlane, inImage, tap } = sizes;
  const [input, weight] = node.inputs as [PlanNode, PlanNode];
  const text = new PassText(build);
  const [n, g, f, oy, ox] = text.coordinates([images, groups, filters, y.out, x.out]);
  const filter = perGroup * tap;
  text.add(`const image=${flatIndex([n, g], [inImage, perGroup * inPlane])};`);
  text.add(`const filter=${flatIndex([g, f], [filters * filter, filter])};let total=0.0;`);
  const from = `const from=${flatIndex(["iy", "ix"], [x.extent, 1], "image")};`;
  const by = `const by=${flatIndex(["ky", "kx"], [x.kernel, 1], "filter")};`;
  const pixels = { read: text.read(input), start: "from", step: inPlane };
  const taps = { read: text.read(weight), start: "by", step: tap };
  const inner = inputAt(x, ox, "kx", from + by + sumProducts("c", perGroup, pixels, taps));
  text.add(loop("ky", y.kernel, inputAt(y, oy, "ky", loop("kx", x.kernel, inner))));
  text.finish("total", node.shape.size, build.place(node));
};

/** A thread per input: the sum over the windows that hold it and over the filters of its group. */
const conv2dInput: OwnPasses = (node, build) => {
  const sizes = geometry(node.attr as ConvolutionAttribute);
  const { images, groups, perGroup, filters, y, x, outPlane, outImage, tap } = sizes;
  const [gradient, weight] = node.inputs as [PlanNode, PlanNode];
  const text = new PassText(build);
  const [n, g, c, iy, ix] = text.coordinates([images, groups, perGroup, y.extent, x.extent]);
  const filter = perGroup * tap;
  text.add(`const image=${flatIndex([n, g], [outImage, filters * outPlane])};`);
  text.add(`const filter=${flatIndex([g, c], [filters * filter, tap])};let total=0.0;`);
  const from = `const from=${flatIndex(["oy", "ox"], [x.out, 1], "image")};`;
  const by = `const by=${flatIndex(["ky", "kx"], [x.kernel, 1], "filter")};`;
  const slopes = { read: text.read(gradient), start: "from", step: outPlane };
  const taps = { read: text.read(weight), start: "by", step: filter };
  const inner = outputAt(x, ix, "kx", from + by + sumProducts("f", filters, slopes, taps));
  text.add(loop("ky", y.kernel, outputAt(y, iy, "ky", loop("kx", x.kernel, inner))));
  text.finish("total", node.shape.size, build.place(node));
};

/** A thread per weight: the sum over all images and places; weights are few, so several threads share the rows. */
const conv2dWeight: OwnPasses = (node, build) => {
  const sizes = geometry(node.attr as ConvolutionAttribute);
  const { images, groups, perGroup, filters, y, x, inPlane, inImage, outPlane, outImage } = sizes;
  const [input, gradient] = node.inputs as [PlanNode, PlanNode];
  const { size } = node.shape;
  const rows = images * y.out;
  const { parts, each } = partition(rows, size, Math.ceil(64 / x.out));
  const text = new PassText(build);
  const [image, slope] = [text.read(input), text.read(gradient)];
  const [part, g, f, c, ky, kx] = text.coordinates([parts, groups, filters, perGroup, y.kernel, x.kernel]);
  text.add(`const channel=${flatIndex([g, c], [perGroup * inPlane, inPlane])};`);
  text.add(`const filter=${flatIndex([g, f], [filters * outPlane, outPlane])};let total=0.0;`);
  const from = `const from=${flatIndex(["n", "iy"], [inImage, x.extent], "channel")};`;
  const by = `const by=${flatIndex(["n", "oy"], [outImage, x.out], "filter")};`;
  const product = `${image("from+ix")}*${slope("by+ox")}`;
  const inner = from + by + loop("ox", x.out, inputAt(x, "ox", kx, `total=total+${product};`));
  const within = parts * each === rows ? "" : `if(row>=${rows}){break;}`;
  const row = `const row=${flatIndex([part], [each], "r")};${within}${divide("row", y.out, "n", "oy")}`;
  text.add(loop("r", each, row + inputAt(y, "oy", ky, inner)));
  finishParts(text, build, parts, node);
};

export const convPasses: Readonly<Record<string, OwnPasses>> = { conv2d, conv2dInput, conv2dWeight };
