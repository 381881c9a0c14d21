import { describe, expect, it } from "vitest";
import { expectClose, kernels, output, put, random, randomFloats, readFloats, reset, words } from "./wasm.js";

interface Problem {
  n?: number;
  cin: number;
  size: readonly [number, number];
  cout: number;
  kernel: readonly [number, number];
  stride?: readonly [number, number];
  pad?: readonly [number, number];
  dilation?: readonly [number, number];
  groups?: number;
}

const next = random(11);

function setUp({
  n = 2,
  cin,
  size: [h, w],
  cout,
  kernel: [kh, kw],
  stride = [1, 1],
  pad = [0, 0],
  dilation = [1, 1],
  groups = 1,
}: Problem) {
  reset();
  const oh = Math.floor((h + 2 * pad[0] - dilation[0] * (kh - 1) - 1) / stride[0]) + 1;
  const ow = Math.floor((w + 2 * pad[1] - dilation[1] * (kw - 1) - 1) / stride[1]) + 1;
  const perGroup = cin / groups;
  const x = randomFloats(next, n * cin * h * w);
  const weight = randomFloats(next, cout * perGroup * kh * kw);
  const dy = randomFloats(next, n * cout * oh * ow);
  const y = new Float64Array(dy.length);
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(weight.length);
  for (let i = 0; i < n; i++) {
    for (let o = 0; o < cout; o++) {
      const first = Math.floor(o / (cout / groups)) * perGroup;
      for (let c = 0; c < perGroup; c++) {
        for (let ky = 0; ky < kh; ky++) {
          for (let kx = 0; kx < kw; kx++) {
            const tap = ((o * perGroup + c) * kh + ky) * kw + kx;
            for (let r = 0; r < oh; r++) {
              const row = r * stride[0] - pad[0] + ky * dilation[0];
              if (row < 0 || row >= h) continue;
              for (let s = 0; s < ow; s++) {
                const col = s * stride[1] - pad[1] + kx * dilation[1];
                if (col < 0 || col >= w) continue;
                const from = ((i * cin + first + c) * h + row) * w + col;
                const to = ((i * cout + o) * oh + r) * ow + s;
                y[to] = y[to]! + x[from]! * weight[tap]!;
                dx[from] = dx[from]! + dy[to]! * weight[tap]!;
                dw[tap] = dw[tap]! + dy[to]! * x[from]!;
              }
            }
          }
        }
      }
    }
  }
  const cells = [words(0), words(0), words(0)];
  const block = words(
    ...[n, cin, h, w, cout, kh, kw, oh, ow, ...stride, ...pad, ...dilation, groups, ...cells, words(0)],
  );
  const scratchBytes = kernels.convScratchBytes!(block);
  const scratch = output(scratchBytes / 4);
  const at = [put(x), put(weight), put(dy)];
  const run = (name: string, which: number, want: Float64Array, units: number, step = units || 1) => {
    const out = output(want.length);
    const slots = at.map((address, i) => words(i === which ? out.at : address));
    const own = words(
      ...[n, cin, h, w, cout, kh, kw, oh, ow, ...stride, ...pad, ...dilation, groups, ...slots, words(scratch.at)],
    );
    for (let u = 0; u < units; u += step) kernels[name]!(own, u, Math.min(units, u + step));
    out.check();
    scratch.check();
    return readFloats(out.at, want.length);
  };
  return { run, y, dx, dw, n, cin };
}

function check(problem: Problem): void {
  const { run, y, dx, dw, n, cin } = setUp(problem);
  const text = JSON.stringify(problem);
  const bound = (want: Float64Array): number => 3e-6 * Math.max(4, ...want.map(Math.abs)) * 4;
  expectClose(run("conv2d", 2, y, n), y, bound(y), `conv2d ${text}`);
  expectClose(run("conv2dInputGrad", 0, dx, n), dx, bound(dx), `conv2dInputGrad ${text}`);
  expectClose(run("conv2dWeightGrad", 1, dw, cin), dw, bound(dw), `conv2dWeightGrad ${text}`);
}

describe("conv2d and its gradients", () => {
  it.each<Problem>([
    { cin: 1, size: [1, 1], cout: 1, kernel: [1, 1] },
    { cin: 3, size: [5, 6], cout: 2, kernel: [3, 2] },
    { cin: 1, size: [9, 9], cout: 5, kernel: [3, 3], pad: [1, 1] },
    { cin: 4, size: [14, 14], cout: 9, kernel: [3, 3], pad: [1, 1] },
    { cin: 2, size: [10, 7], cout: 4, kernel: [3, 3], stride: [2, 1], pad: [1, 0] },
    { cin: 2, size: [7, 11], cout: 3, kernel: [2, 3], stride: [3, 2], pad: [0, 2] },
    { cin: 2, size: [11, 12], cout: 3, kernel: [3, 3], dilation: [2, 3], pad: [2, 3] },
    { cin: 3, size: [12, 9], cout: 2, kernel: [2, 3], stride: [2, 2], dilation: [3, 2], pad: [1, 1] },
    { cin: 6, size: [6, 6], cout: 4, kernel: [3, 3], pad: [1, 1], groups: 2 },
    { cin: 5, size: [8, 5], cout: 5, kernel: [3, 3], pad: [1, 1], groups: 5 },
    { cin: 4, size: [6, 6], cout: 12, kernel: [2, 2], stride: [2, 2], groups: 4 },
    { n: 3, cin: 3, size: [8, 8], cout: 6, kernel: [4, 4], stride: [4, 4] },
    { n: 1, cin: 60, size: [5, 6], cout: 5, kernel: [3, 3], pad: [1, 1] },
    { n: 1, cin: 30, size: [13, 12], cout: 7, kernel: [3, 3], pad: [1, 1] },
    { n: 1, cin: 1, size: [27, 28], cout: 3, kernel: [5, 5], pad: [2, 2] },
    { n: 1, cin: 2, size: [3, 5], cout: 530, kernel: [2, 2] },
    { n: 2, cin: 8, size: [4, 4], cout: 8, kernel: [1, 1] },
    { n: 1, cin: 2, size: [2, 2], cout: 2, kernel: [1, 1], pad: [2, 1] },
    { n: 2, cin: 2, size: [1, 30], cout: 3, kernel: [1, 5], pad: [0, 2] },
    { n: 2, cin: 0, size: [4, 4], cout: 3, kernel: [3, 3] },
    { n: 2, cin: 2, size: [4, 4], cout: 0, kernel: [3, 3], pad: [1, 1] },
    { n: 0, cin: 2, size: [4, 4], cout: 3, kernel: [3, 3] },
  ])("is right for %j", check);

  it("is right for random problems", () => {
    const pick = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
    for (let i = 0; i < 120; i++) {
      const groups = pick(1, 3);
      const kernel = [pick(1, 3), pick(1, 4)] as const;
      const dilation = [pick(1, 2), pick(1, 2)] as const;
      const pad = [pick(0, 2), pick(0, 2)] as const;
      const size = [0, 1].map(
        (axis) => Math.max(1, dilation[axis]! * (kernel[axis]! - 1) + 1 - 2 * pad[axis]!) + pick(0, 9),
      );
      check({
        n: pick(1, 3),
        cin: groups * pick(1, 3),
        size: [size[0]!, size[1]!],
        cout: groups * pick(1, 9),
        kernel,
        stride: [pick(1, 3), pick(1, 3)],
        pad,
        dilation,
        groups,
      });
    }
  });

  it("gives the same bits however the work is cut", () => {
    const { run, y, dx, dw, n, cin } = setUp({
      n: 5,
      cin: 6,
      size: [9, 9],
      cout: 10,
      kernel: [3, 3],
      pad: [1, 1],
      groups: 2,
    });
    for (const step of [1, 2, 4]) {
      expect(run("conv2d", 2, y, n, step)).toEqual(run("conv2d", 2, y, n));
      expect(run("conv2dInputGrad", 0, dx, n, step)).toEqual(run("conv2dInputGrad", 0, dx, n));
      expect(run("conv2dWeightGrad", 1, dw, cin, step)).toEqual(run("conv2dWeightGrad", 1, dw, cin));
    }
  });
});
