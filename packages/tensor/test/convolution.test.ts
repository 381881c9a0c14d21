// Values and gradients of many geometries stand in golden.test.ts.
import type { Tensor } from "@downhill/tensor";
import { avgPool2d, conv2d, grad, maxPool2d, ones, tensor, zeros } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { draw, expectClose, expectGradient, onEveryEngine, random, sizeOf } from "./support.js";

onEveryEngine((engine) => {
  const shapes: [x: number[], w: number[], options: object, out: number[]][] = [
    [[2, 3, 5, 7], [4, 3, 3, 3], {}, [2, 4, 3, 5]],
    [[1, 1, 5, 5], [1, 1, 5, 5], {}, [1, 1, 1, 1]],
    [[1, 1, 5, 6], [1, 1, 2, 2], { stride: 2 }, [1, 1, 2, 3]],
    [[1, 1, 5, 6], [1, 1, 2, 2], { stride: [1, 3] }, [1, 1, 4, 2]],
    [[1, 1, 3, 3], [1, 1, 3, 3], { padding: 2 }, [1, 1, 5, 5]],
    [[1, 1, 7, 7], [1, 1, 3, 3], { dilation: 3 }, [1, 1, 1, 1]],
    [[1, 4, 3, 3], [8, 1, 1, 1], { groups: 4 }, [1, 8, 3, 3]],
    [[0, 1, 3, 3], [2, 1, 2, 2], {}, [0, 2, 2, 2]],
    [[2, 1, 3, 3], [0, 1, 2, 2], {}, [2, 0, 2, 2]],
    [[1, 0, 3, 3], [2, 0, 2, 2], {}, [1, 2, 2, 2]],
    [[2, 8, 9, 9], [16, 8, 3, 3], { padding: 1 }, [2, 16, 9, 9]],
  ];
  test.each(shapes)("conv2d of %j with %j, %j", (xs, ws, options, out) => {
    const [x, w] = [draw(sizeOf(xs)), draw(sizeOf(ws), -1, 1, 2)];
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options as Record<string, never>;
    const pair = (v: number | number[]): [number, number] => (typeof v === "number" ? [v, v] : (v as [number, number]));
    const [[sy, sx], [py, px], [dy, dx]] = [pair(stride), pair(padding), pair(dilation)];
    const [, channels, height, width] = xs as [number, number, number, number];
    const [filters, perGroup, kh, kw] = ws as [number, number, number, number];
    const expected: number[] = [];
    for (let n = 0; n < (out[0] as number); n++)
      for (let f = 0; f < filters; f++)
        for (let oy = 0; oy < (out[2] as number); oy++)
          for (let ox = 0; ox < (out[3] as number); ox++) {
            let total = 0;
            for (let c = 0; c < perGroup; c++)
              for (let ky = 0; ky < kh; ky++)
                for (let kx = 0; kx < kw; kx++) {
                  const [iy, ix] = [oy * sy - py + ky * dy, ox * sx - px + kx * dx];
                  if (iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
                  const channel = Math.floor(f / (filters / groups)) * perGroup + c;
                  total +=
                    (x[((n * channels + channel) * height + iy) * width + ix] as number) *
                    (w[((f * perGroup + c) * kh + ky) * kw + kx] as number);
                }
            expected.push(total);
          }
    const y = conv2d(tensor(x, { shape: xs }), tensor(w, { shape: ws }), options);
    expect(y.shape).toEqual(out);
    expectClose(y, expected, { absolute: 1e-5 });
    const args = [
      { shape: xs, values: x },
      { shape: ws, values: w },
    ];
    if (x.length + w.length < 80)
      expectGradient(engine, (p, q) => conv2d(p as Tensor, q as Tensor, options).square(), args, {
        relative: 1e-4,
        absolute: 5e-4,
      });
    // A convolution is linear in both: what the gradients give back must be the value.
    const [gx, gw] = grad(
      (p: Tensor, q: Tensor) =>
        conv2d(p, q, options)
          .mul(tensor(expected, { shape: out }))
          .sum(),
      { argnums: [0, 1] },
    )(tensor(x, { shape: xs }), tensor(w, { shape: ws })) as [Tensor, Tensor];
    const square = expected.reduce((s, v) => s + v * v, 0);
    const inner = (a: ArrayLike<number>, b: readonly number[]): number =>
      b.reduce((s, v, i) => s + v * (a[i] as number), 0);
    expect(inner(gx.dataSync(), x)).toBeCloseTo(square, square > 1000 ? 0 : 2);
    expect(inner(gw.dataSync(), w)).toBeCloseTo(square, square > 1000 ? 0 : 2);
  });

  test("the derivative of a convolution's gradient", () => {
    const [x, w] = [random([1, 2, 3, 3], -1, 1), draw(8, -1, 1, 2)];
    const slope = (k: Tensor): Tensor => grad((q: Tensor) => conv2d(x, q).square().sum())(k);
    expectGradient(engine, (k) => slope(k as Tensor).square(), [{ shape: [1, 2, 2, 2], values: w }], {
      relative: 1e-3,
      absolute: 1e-2,
    });
    const kernel = tensor(w, { shape: [1, 2, 2, 2] });
    const slopeX = (v: Tensor): Tensor => grad((p: Tensor) => conv2d(p, kernel).square().sum())(v);
    expectGradient(engine, (v) => slopeX(v as Tensor).square(), [{ shape: [1, 2, 3, 3], values: draw(18, -1, 1) }], {
      relative: 1e-3,
      absolute: 1e-2,
    });
  });

  describe("pooling", () => {
    test("windows that leave a rest drop it", () => {
      const x = tensor(
        Float32Array.from({ length: 25 }, (_, i) => i),
        { shape: [1, 1, 5, 5] },
      );
      expect(maxPool2d(x, { size: 2 }).arraySync()).toEqual([
        [
          [
            [6, 8],
            [16, 18],
          ],
        ],
      ]);
      expect(avgPool2d(x, { size: 2 }).arraySync()).toEqual([
        [
          [
            [3, 5],
            [13, 15],
          ],
        ],
      ]);
    });
    test("padding never wins a maximum and counts as zeros in a mean", () => {
      const x = tensor([
        [
          [
            [-1, -2],
            [-3, -4],
          ],
        ],
      ]);
      expect(maxPool2d(x, { size: 2, padding: 1 }).arraySync()).toEqual([
        [
          [
            [-1, -2],
            [-3, -4],
          ],
        ],
      ]);
      expect(avgPool2d(x, { size: 2, padding: 1 }).arraySync()).toEqual([
        [
          [
            [-0.25, -0.5],
            [-0.75, -1],
          ],
        ],
      ]);
    });
    test("NaN wins, the first of equals gets the gradient", () => {
      expectClose(
        maxPool2d(
          tensor([
            [
              [
                [1, NaN],
                [3, 4],
              ],
            ],
          ]),
          { size: 2 },
        ),
        [NaN],
      );
      expectClose(grad((x: Tensor) => maxPool2d(x, { size: 2 }).sum())(ones([1, 1, 2, 2])), [1, 0, 0, 0]);
      expectClose(maxPool2d(tensor([[[[-Infinity, -Infinity]]]]), { size: [1, 2] }), [-Infinity]);
    });
    test("windows that overlap add their gradients", () => {
      const x = tensor([[[[1, 5, 2]]]]);
      expectClose(grad((t: Tensor) => maxPool2d(t, { size: [1, 2], stride: 1 }).sum())(x), [0, 2, 0]);
      expectClose(grad((t: Tensor) => avgPool2d(t, { size: [1, 2], stride: 1 }).sum())(x), [0.5, 1, 0.5]);
    });
    test("of no images", () => {
      expect(maxPool2d(zeros([0, 2, 4, 4]), { size: 2 }).shape).toEqual([0, 2, 2, 2]);
      expect(avgPool2d(zeros([0, 2, 4, 4]), { size: 2 }).dataSync().length).toBe(0);
    });
    test("gradients", () => {
      const args = [{ shape: [2, 2, 4, 5], values: draw(80) }];
      expectGradient(engine, (x) => maxPool2d(x as Tensor, { size: 3, stride: 2, padding: 1 }).square(), args);
      expectGradient(engine, (x) => avgPool2d(x as Tensor, { size: 3, stride: 2, padding: 1 }).square(), args);
    });
  });
});
