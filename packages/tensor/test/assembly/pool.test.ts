import { describe, expect, it } from "vitest";
import { expectClose, kernels, output, put, random, randomFloats, readFloats, readInts, reset, words } from "./wasm.js";

const next = random(13);

interface Problem {
  planes: number;
  size: readonly [number, number];
  kernel: readonly [number, number];
  stride: readonly [number, number];
  pad: readonly [number, number];
}

function setUp(
  { planes, size: [h, w], kernel: [kh, kw], stride, pad }: Problem,
  x = randomFloats(next, planes * h * w),
) {
  reset();
  const oh = Math.floor((h + 2 * pad[0] - kh) / stride[0]) + 1;
  const ow = Math.floor((w + 2 * pad[1] - kw) / stride[1]) + 1;
  const count = planes * oh * ow;
  const dy = randomFloats(next, count);
  const index = new Int32Array(count);
  const mean = new Float64Array(count);
  const dx = new Float64Array(x.length);
  for (let to = 0; to < count; to++) {
    const [p, r, c] = [Math.floor(to / (oh * ow)), Math.floor(to / ow) % oh, to % ow];
    let best = -1;
    for (let ky = 0; ky < kh; ky++) {
      for (let kx = 0; kx < kw; kx++) {
        const [row, col] = [r * stride[0] - pad[0] + ky, c * stride[1] - pad[1] + kx];
        if (row < 0 || row >= h || col < 0 || col >= w) continue;
        const at = (p * h + row) * w + col;
        if (best < 0 || x[at]! > x[best]! || (Number.isNaN(x[at]) && !Number.isNaN(x[best]))) best = at;
        mean[to] = mean[to]! + x[at]! / (kh * kw);
        dx[at] = dx[at]! + dy[to]! / (kh * kw);
      }
    }
    index[to] = best;
  }
  const run = (name: string, ascending: boolean, step: number): number => {
    const out = output(ascending ? count : x.length);
    const block = words(
      ...[
        planes,
        h,
        w,
        kh,
        kw,
        oh,
        ow,
        ...stride,
        ...pad,
        words(ascending ? put(x) : out.at),
        words(ascending ? out.at : put(dy)),
      ],
    );
    for (let p = 0; p < planes; p += step) kernels[name]!(block, p, Math.min(planes, p + step));
    out.check();
    return out.at;
  };
  return { run, index, mean, dx, count, x };
}

describe("pooling", () => {
  it("agrees with plain loops on random problems", () => {
    const pick = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
    for (let i = 0; i < 300; i++) {
      const kernel = [pick(1, 4), pick(1, 4)] as const;
      const pad = [pick(0, kernel[0] >> 1), pick(0, kernel[1] >> 1)] as const;
      const problem: Problem = {
        planes: pick(0, 4),
        size: [kernel[0] + pick(0, 12), kernel[1] + pick(0, 20)],
        kernel,
        stride: [pick(1, 4), pick(1, 4)],
        pad,
      };
      const { run, index, mean, dx, count, x } = setUp(problem);
      expect(readInts(run("maxPoolIndex2d", true, 2), count), JSON.stringify(problem)).toEqual(index);
      expectClose(readFloats(run("avgPool2d", true, 3), count), mean, 1e-6, JSON.stringify(problem));
      expectClose(readFloats(run("avgPool2dGrad", false, 2), x.length), dx, 2e-6, JSON.stringify(problem));
    }
  });

  it("takes the first of equal maxima, the first NaN, and never the padding", () => {
    const values = [Number.NaN, -Infinity, 0, 1];
    for (let i = 0; i < 60; i++) {
      const x = Float32Array.from({ length: 2 * 6 * 11 }, () => values[Math.floor(next() * 4)]!);
      const { run, index, count } = setUp(
        { planes: 2, size: [6, 11], kernel: [3, 2], stride: [1, 1 + (i % 3)], pad: [1, 1] },
        x,
      );
      expect(readInts(run("maxPoolIndex2d", true, 2), count)).toEqual(index);
    }
  });
});
