import { crossEntropy, zeroOne } from "@downhill/losses";
import type { Tensor, TensorLike } from "@downhill/tensor";
import { grad, parameter, profile, tensor, valueAndGrad } from "@downhill/tensor";
import { close, engines, engineTolerance, flat, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";

const data = [
  [2, -1, 0.5],
  [0.1, 0.2, 0.3],
  [-1, 0, 4],
];
const labels = [0, 2, 1];
const logits = (): Tensor => tensor(data);
type Options = NonNullable<Parameters<typeof crossEntropy>[2]>;
const both = (target: TensorLike, options: Options = {}): number[] => {
  const [value, slope] = valueAndGrad((x: Tensor) => crossEntropy(x, target, options).sum())(logits());
  return [value.itemSync(), ...flat(slope.arraySync())];
};

describe.each(engines)("on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  const on = (f: () => void) => (): void => onEngine(engine, f);

  test.each<[string, () => TensorLike]>([
    ["Int32Array", () => new Int32Array(labels)],
    ["Uint8Array", () => new Uint8Array(labels)],
    ["Float64Array", () => new Float64Array(labels)],
    ["an int32 tensor", () => tensor(labels, { dtype: "int32" })],
    ["a float32 tensor of integers", () => tensor(labels)],
    ["computed int32", () => tensor(labels, { dtype: "int32" }).add(0)],
    [
      "one-hot rows",
      () => [
        [1, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
      ],
    ],
    [
      "one-hot int32",
      () =>
        tensor(
          [
            [1, 0, 0],
            [0, 0, 1],
            [0, 1, 0],
          ],
          { dtype: "int32" },
        ),
    ],
    [
      "one-hot booleans",
      () => [
        [true, false, false],
        [false, false, true],
        [false, true, false],
      ],
    ],
  ])("labels as %s: the same loss and gradient", (_, target) => {
    onEngine(engine, () => close(both(target()), both(labels), tolerance));
  });

  const options: Options[] = [
    {},
    { reduction: "sum" },
    { reduction: "none" },
    { labelSmoothing: 0.1 },
    { weight: [1, 2, 3] },
    { weight: [1, 2, 3], labelSmoothing: 0.1, sampleWeight: [1, 0.5, 2] },
    { weight: [1, 2, 3], sampleWeight: [1, 0.5, 2], reduction: "none" },
    { ignoreIndex: 2 },
  ];
  test.each(options)("computed labels and weights give the same as known ones: %j", (known) => {
    onEngine(engine, () => {
      const computed = (value: TensorLike | undefined) =>
        value === undefined ? undefined : tensor(value as number[]).mul(1);
      const { weight, sampleWeight } = known;
      const { ignoreIndex = -100 } = known;
      for (const list of [labels, [0, ignoreIndex, 1], [ignoreIndex, ignoreIndex, ignoreIndex]]) {
        const expected = both(list, known);
        const target = tensor(list, { dtype: "int32" });
        const changed = { ...known, weight: computed(weight), sampleWeight: computed(sampleWeight) };
        close(both(target.add(0), changed), expected, tolerance);
        close(both(target.add(0), known), expected, tolerance);
        close(both(target, changed), expected, tolerance);
      }
    });
  });

  test(
    "all ignored: 0 with gradient 0, for every reduction",
    on(() => {
      for (const reduction of ["mean", "sum", "none"] as const)
        for (const extra of [{}, { weight: [1, 2, 3] }, { labelSmoothing: 0.2 }])
          expect(both([-100, -100, -100], { reduction, ...extra }).every((value) => value === 0)).toBe(true);
    }),
  );
  test(
    "an ignored row may hold -Infinity",
    on(() => {
      const masked = [
        [Number.NEGATIVE_INFINITY, 1, 2],
        [0, 1, 2],
      ];
      const [value, slope] = valueAndGrad((x: Tensor) => crossEntropy(x, [-100, 2]))(tensor(masked));
      close(value.itemSync(), 0.40760596444438, tolerance);
      close([...slope.dataSync()].slice(0, 3), [0, 0, 0]);
    }),
  );
  test(
    "classes of weight 0 only: 0",
    on(() => {
      expect(both(labels, { weight: [0, 0, 0] }).every((value) => Math.abs(value) === 0)).toBe(true);
    }),
  );
  test(
    "one example without a batch axis",
    on(() => {
      const x = tensor([2, -1, 0.5]);
      close(crossEntropy(x, 0).itemSync(), 0.24131129665715703, tolerance);
      close(crossEntropy(x, tensor(0, { dtype: "int32" }).add(0)).itemSync(), 0.24131129665715703, tolerance);
      close(crossEntropy(x, [1, 0, 0]).itemSync(), 0.24131129665715703, tolerance);
    }),
  );
  test(
    "classes on another axis",
    on(() => {
      const x = tensor(data.flat(), { shape: [1, 3, 3] });
      const turned = x.transpose([0, 2, 1]);
      for (const target of [
        [labels],
        tensor([
          [
            [0.2, 0.3, 0.5],
            [1, 0, 0],
            [0, 0.5, 0.5],
          ],
        ]),
      ] as TensorLike[]) {
        const moved = target instanceof Object && "transpose" in target ? target.transpose([0, 2, 1]) : target;
        close(crossEntropy(turned, moved, { axis: 1 }).itemSync(), crossEntropy(x, target).itemSync(), tolerance);
        close(crossEntropy(turned, moved, { axis: -2 }).itemSync(), crossEntropy(x, target).itemSync(), tolerance);
      }
      expect(zeroOne(turned, [labels], { axis: 1 }).itemSync()).toBeCloseTo(1 / 3);
    }),
  );
  test(
    "sampleWeight per sequence or per place",
    on(() => {
      const x = tensor([...data, ...data].flat(), { shape: [2, 3, 3] });
      const target = [labels, labels];
      const each = crossEntropy(x, target, { reduction: "none" }).arraySync() as number[][];
      const [a, b] = each.map((row) => row.reduce((sum, value) => sum + value)) as [number, number];
      for (const sampleWeight of [
        [1, 3],
        [
          [1, 1, 1],
          [3, 3, 3],
        ],
        tensor([0, 2]).add(1),
      ])
        close(crossEntropy(x, target, { sampleWeight }).itemSync(), (a + 3 * b) / 12, tolerance);
    }),
  );
  test(
    "log-softmax passes and changes nothing",
    on(() => {
      const value = crossEntropy(logits().logSoftmax(), labels).itemSync();
      close(value, crossEntropy(logits(), labels).itemSync(), tolerance);
    }),
  );
});

test("a confident right answer costs nothing, for any number of classes", () => {
  for (const classes of [3, 10, 100]) {
    const x = tensor(Array.from({ length: classes }, (_, i) => (i === 1 ? 50 : 0))).reshape([1, classes]);
    expect(crossEntropy(x, [1]).itemSync()).toBeLessThan(1e-6);
  }
});

test("the number of ignored labels changes no plan", () => {
  const x = parameter(data);
  const step = (target: number[], options: Options = {}): void => {
    x.grad = null;
    const loss = crossEntropy(x, target, options);
    loss.backward();
    loss.itemSync();
  };
  const plansOf = (work: () => void): number => {
    const before = profile().plans;
    work();
    return profile().plans - before;
  };
  for (const options of [{}, { weight: [1, 2, 3] }, { labelSmoothing: 0.1 }]) {
    plansOf(() => step(labels, options));
    plansOf(() => step([0, -100, 1], options));
    const later = plansOf(() => {
      step([1, 1, 1], options);
      step([-100, 0, -100], options);
      step([-100, -100, -100], options);
    });
    expect(later).toBe(0);
  }
});

test("the gradient of the target flows too", () => {
  const slope = grad((q: Tensor) => crossEntropy(logits(), q, { reduction: "sum" }))(
    tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]),
  );
  close(slope.arraySync(), logits().logSoftmax().neg().arraySync() as number[][], { relative: 1e-5, absolute: 1e-6 });
});
