// Parameters of ragged sizes that lie next to each other and are updated in place: nobody may write into the next one.
import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll, cumsum, parameter, state } from "@downhill/tensor";
import { expect, test } from "vitest";
import type { Case } from "./against-reference.js";
import { likeReference, litter, modes, whole } from "./against-reference.js";
import { step, zeroGrad } from "./descent.js";

const shapes: readonly (readonly number[])[] = [
  ...[1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 63, 65, 127, 129, 255, 511, 512, 513, 1023, 1025, 1041, 2049].map((n) => [n]),
  ...[3, 17, 65, 257].flatMap((rows) => [1, 3, 10, 33].map((columns) => [rows, columns])),
  [1, 1025],
  [2, 513],
  [3, 1040],
  [40, 57],
  [65, 37],
  [9, 171],
  [5, 7, 9],
];

const cellsOf = (make: (values: Float32Array, options: { shape: readonly number[] }) => Parameter): Parameter[] =>
  shapes.map((shape, i) => make(whole(shape, i).dataSync() as Float32Array, { shape }));

/** State whose next value takes the memory of the one before where that is safe. */
const inPlace = (values: Float32Array, options: { shape: readonly number[] }): Parameter =>
  state(values, { ...options, overwrite: true });

type Update = (p: Parameter, g: Tensor, m: Parameter) => [Parameter, Tensor][];

/** Updates that read what they replace: element for element, along rows and columns, whole. */
const updates: Record<string, Update> = {
  descent: (p, g) => [[p, p.sub(g.mul(0.5))]],
  momentum: (p, g, m) => {
    const next = g.sub(m.mul(0.5));
    return [
      [m, next],
      [p, p.sub(next)],
    ];
  },
  "an exchange": (p, g, m) => [
    [m, p.detach()],
    [p, m.add(g)],
  ],
  "a crossing": (p, g, m) => [
    [p, m.add(g)],
    [m, p.sub(g)],
  ],
  "its own total": (p, g) => [[p, p.neg().add(p.max()).add(g)]],
  "its own rows": (p, g) => [[p, g.sub(p.max({ axis: -1, keepDims: true })).add(p)]],
  "its own columns": (p, g) => [[p, p.sub(p.min({ axis: 0 })).add(g)]],
  "rows and columns of another": (p, g) => [
    [
      p,
      p
        .sub(g.max({ axis: -1, keepDims: true }))
        .add(g.min({ axis: 0 }))
        .sub(g),
    ],
  ],
  "a sum along it that is made later": (p, g, m) => [
    [p, p.sub(g)],
    [m, cumsum(p, { axis: 0 })],
  ],
  "a sum along it that is made before": (p, g, m) => [
    [m, cumsum(p.add(1), { axis: -1 })],
    [p, p.sub(g)],
  ],
  "its own mirror image": (p, g) => [[p, p.flip([0]).sub(g)]],
};

likeReference(
  "updates in place, exactly",
  Object.entries(updates).map(
    ([name, update]): Case => [
      name,
      () => {
        const [cells, moments] = [cellsOf(inPlace), cellsOf(inPlace)];
        for (let round = 0; round < 3; round++) {
          // Two out of three; the third lies between them and stays.
          const some = cells.flatMap((p, i) =>
            i % 3 === round % 3 ? [] : update(p, whole(p.shape, i + round), moments[i] as Parameter),
          );
          void assignAll(some);
        }
        return [...cells, ...moments];
      },
    ],
  ),
);

/** Rows of a matrix, or its columns: each value of the vector is read for many elements, and written in the same kernel. */
likeReference(
  "vectors along a matrix, exactly",
  [1, 3, 16, 17, 64, 65, 100].flatMap((rows) =>
    [1, 5, 16, 33, 100].map(
      (columns): Case => [
        `${rows}x${columns}`,
        () => {
          const [r, c] = [inPlace, inPlace].map((make, i) => {
            const shape = i === 0 ? [rows, 1] : [columns];
            return make(whole(shape, i).dataSync() as Float32Array, { shape });
          }) as [Parameter, Parameter];
          for (let round = 0; round < 3; round++) {
            const x = whole([rows, columns], round, 1);
            void assignAll([
              [r, r.add(x.mul(r).sum({ axis: 1, keepDims: true }))],
              [c, c.sub(x.mul(c).sum({ axis: 0 }))],
            ]);
          }
          return [r, c];
        },
      ],
    ),
  ),
);

likeReference(
  "weights of ragged layers after steps, exactly",
  [
    [1, 10],
    [3, 5],
    [17, 9],
    [64, 10],
    [65, 33],
    [130, 17],
    [257, 4],
  ].map((extents): Case => {
    const [k, n] = extents as [number, number];
    return [
      `${k}x${n}`,
      () => {
        const weight = parameter(whole([k, n], 1).dataSync(), { shape: [k, n] });
        const bias = parameter(whole([n], 2).dataSync());
        const slope = parameter(whole([1], 3).dataSync());
        const all = [slope, weight, bias];
        for (let round = 0; round < 3; round++) {
          zeroGrad(all);
          const y = whole([33, k], 4 + round, 2)
            .matmul(weight)
            .add(bias)
            .mul(2)
            .sub(slope);
          y.mul(whole([33, n], 5, 2))
            .sum()
            .backward();
          void step(all, 0.5);
        }
        return all;
      },
    ];
  }),
);

test.each(modes)("what is not written stays, bit for bit, %s", async (_, enter) => {
  await enter();
  litter();
  const bits = (x: Tensor): number[] => Array.from(new Int32Array((x.dataSync() as Float32Array).buffer));
  const odd = Float32Array.of(Number.NaN, -0, 1e-45, Number.POSITIVE_INFINITY, -3.4e38, 0.1, 7);
  const frozen = shapes.map((shape, i) =>
    parameter(
      Float32Array.from(whole(shape, i).dataSync(), (_, k) => odd[k % 7] as number),
      { shape },
    ),
  );
  const cells = [...cellsOf(parameter), ...cellsOf(inPlace)];
  const before = frozen.map(bits);
  for (let round = 0; round < 10; round++)
    void assignAll(cells.map((p, i) => [p, p.exp().add(frozen[i % frozen.length] as Parameter)]));
  cells.forEach((p) => {
    p.dataSync();
  });
  frozen.forEach((p, i) => {
    expect(bits(p), `shape ${p.shape}`).toEqual(before[i]);
  });
});
