import type { ConvolutionAttribute, PoolAttribute } from "../../ops/contract.js";
import type { PlanNode } from "../../plan/plan.js";
import type { Kernel } from "./own-kernels.js";
import type { Values } from "./values.js";

/** Convolutions and poolings, by name. */
export const windowKernels: Readonly<Record<string, Kernel>> = {
  conv2d: (node, [x, w]) => {
    const out = new Float64Array(node.shape.size);
    eachTap(node.attr as ConvolutionAttribute, (xi, wi, yi) => {
      out[yi] = (out[yi] as number) + ((x as Values)[xi] as number) * ((w as Values)[wi] as number);
    });
    return out;
  },
  conv2dInput: (node, [g, w]) => {
    const out = new Float64Array(node.shape.size);
    eachTap(node.attr as ConvolutionAttribute, (xi, wi, yi) => {
      out[xi] = (out[xi] as number) + ((g as Values)[yi] as number) * ((w as Values)[wi] as number);
    });
    return out;
  },
  conv2dWeight: (node, [x, g]) => {
    const out = new Float64Array(node.shape.size);
    eachTap(node.attr as ConvolutionAttribute, (xi, wi, yi) => {
      out[wi] = (out[wi] as number) + ((x as Values)[xi] as number) * ((g as Values)[yi] as number);
    });
    return out;
  },
  maxPoolIndex: (node, [x]) => {
    const out = new Int32Array(node.shape.size).fill(-1);
    eachWindow(node.attr as PoolAttribute, (xi, yi) => {
      const best = out[yi] as number;
      const value = (x as Values)[xi] as number;
      const held = best < 0 ? Number.NEGATIVE_INFINITY : ((x as Values)[best] as number);
      if (best < 0 || value > held || (Number.isNaN(value) && !Number.isNaN(held))) out[yi] = xi;
    });
    return out;
  },
  avgPool2d: (node, [x]) => average(node, x as Values, (xi, yi) => [xi, yi]),
  avgPool2dInput: (node, [g]) => average(node, g as Values, (xi, yi) => [yi, xi]),
};

/** Adds to each element its shares of others; an element of a window has as large a share as any other. */
function average(node: PlanNode, values: Values, way: (x: number, y: number) => [from: number, to: number]): Values {
  const attr = node.attr as PoolAttribute;
  const out = new Float64Array(node.shape.size);
  const count = attr.size[0] * attr.size[1];
  eachWindow(attr, (xi, yi) => {
    const [from, to] = way(xi, yi);
    out[to] = (out[to] as number) + (values[from] as number) / count;
  });
  return out;
}

/** Every (input element, weight, output element) that a convolution multiplies. */
function eachTap(attr: ConvolutionAttribute, visit: (x: number, w: number, y: number) => void): void {
  const [batch, channels, height, width] = attr.x as [number, number, number, number];
  const [filters, perGroup, kernelHeight, kernelWidth] = attr.w as [number, number, number, number];
  const [, , outHeight, outWidth] = attr.y as [number, number, number, number];
  const filtersPerGroup = filters / attr.groups;
  for (let n = 0; n < batch; n++)
    for (let f = 0; f < filters; f++)
      for (let oy = 0; oy < outHeight; oy++)
        for (let ox = 0; ox < outWidth; ox++)
          for (let c = 0; c < perGroup; c++)
            for (let ky = 0; ky < kernelHeight; ky++)
              for (let kx = 0; kx < kernelWidth; kx++) {
                const iy = oy * attr.stride[0] - attr.padding[0] + ky * attr.dilation[0];
                const ix = ox * attr.stride[1] - attr.padding[1] + kx * attr.dilation[1];
                if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
                const channel = Math.floor(f / filtersPerGroup) * perGroup + c;
                visit(
                  ((n * channels + channel) * height + iy) * width + ix,
                  ((f * perGroup + c) * kernelHeight + ky) * kernelWidth + kx,
                  ((n * filters + f) * outHeight + oy) * outWidth + ox,
                );
              }
}

/** Every (input element, window) of a pooling. */
function eachWindow(attr: PoolAttribute, visit: (x: number, y: number) => void): void {
  const [batch, channels, height, width] = attr.x as [number, number, number, number];
  const [, , outHeight, outWidth] = attr.y as [number, number, number, number];
  for (let plane = 0; plane < batch * channels; plane++)
    for (let oy = 0; oy < outHeight; oy++)
      for (let ox = 0; ox < outWidth; ox++)
        for (let ky = 0; ky < attr.size[0]; ky++)
          for (let kx = 0; kx < attr.size[1]; kx++) {
            const iy = oy * attr.stride[0] - attr.padding[0] + ky;
            const ix = ox * attr.stride[1] - attr.padding[1] + kx;
            if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
            visit((plane * height + iy) * width + ix, (plane * outHeight + oy) * outWidth + ox);
          }
}
