// Tables of graphs that the CPU engine must compute like the reference engine: on one thread, and on two that share parts
// as small as there are. With whole numbers for leaves nothing is rounded: then equal means equal, and an element that is
// left out, taken twice, or written by a neighbour can't hide behind a tolerance.
import type { Tensor } from "@downhill/tensor";
import { evaluateSync, setThreads, tensor, useEngine } from "@downhill/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { crew, cutAsUsual, cutFinely, generate, onThreads } from "./crew.js";
import type { Tolerance } from "./support.js";
import { agrees, draw, sizeOf } from "./support.js";

/** A graph by name; all its outputs are computed together. */
export type Case = readonly [name: string, build: () => readonly Tensor[]];

const drawn = new Map<string, Float32Array>();

/** A tensor of random whole numbers from -reach to reach; the same ones for the same size and seed. */
export function whole(shape: readonly number[], seed = 1, reach = 8): Tensor {
  const size = sizeOf(shape);
  const key = `${size} ${seed} ${reach}`;
  const values = drawn.get(key) ?? Float32Array.from(draw(size, -reach, reach, seed), (value) => Math.round(value));
  drawn.set(key, values);
  return tensor(values, { shape });
}

/** Leaves NaN in the memory that is handed out next: whoever reads beyond the end of something gets some. */
export function litter(): void {
  tensor(new Float32Array(1 << 19).fill(Number.NaN))
    .sum()
    .itemSync();
  for (let run = 0; run < 20; run++) tensor([run]).add(1).itemSync();
}

/** The two ways in which everything must be right. */
export const modes: readonly (readonly [name: string, enter: () => Promise<void>])[] = [
  [
    "on one thread",
    async () => {
      cutAsUsual();
      setThreads(1);
    },
  ],
  [
    "on two threads, in small parts",
    async () => {
      cutFinely();
      await onThreads(2, 0.05);
    },
  ],
];

export type Values = ArrayLike<number>;

/** The values of a graph. */
export function valuesOf(build: () => readonly Tensor[]): Values[] {
  const outputs = build();
  evaluateSync(...outputs);
  return outputs.map((x) => x.dataSync());
}

/** Fails at the first number that is not as wanted; without a tolerance it must be the same number. */
export function compare(name: string, got: readonly Values[], wanted: readonly Values[], tolerance?: Tolerance): void {
  expect(got.length, name).toBe(wanted.length);
  wanted.forEach((want, output) => {
    const found = got[output] as Values;
    if (found.length !== want.length)
      expect.fail(`${name}: output ${output} has ${found.length} numbers, not ${want.length}`);
    for (let i = 0; i < want.length; i++) {
      const [a, b] = [found[i] as number, want[i] as number];
      if (a === b || (Number.isNaN(a) && Number.isNaN(b)) || (tolerance && agrees(a, b, tolerance))) continue;
      expect.fail(`${name}: output ${output} at ${i} of ${want.length}: expected ${b}, got ${a}`);
    }
  });
}

/** Tests that all cases give what the reference engine gives, and that workers took some of the parts, unless `uncut`. */
export function likeReference(
  title: string,
  cases: readonly Case[],
  { uncut = false, tolerance }: { uncut?: boolean; tolerance?: Tolerance } = {},
): void {
  describe(title, () => {
    let wanted: readonly (readonly Values[])[] = [];
    beforeAll(() => {
      useEngine("reference");
      wanted = cases.map(([, build]) => valuesOf(build));
    });
    const check = (i: number): void => {
      const [name, build] = cases[i] as Case;
      compare(name, valuesOf(build), wanted[i] as readonly Values[], tolerance);
    };
    test.each(modes)(
      "%s",
      async (mode, enter) => {
        await enter();
        litter();
        const alone = mode === modes[0]?.[0];
        for (const i of cases.keys()) {
          if (alone) {
            // On the tape; then with functions, in the memory that the first run left.
            generate(false);
            check(i);
            generate(true);
          }
          check(i);
        }
        if (alone || uncut) return;
        // On a busy machine workers come late: they get more chances.
        const start = performance.now();
        for (let i = 0; crew().helped < 10; i++) {
          if (performance.now() - start > 30_000) expect.fail(`workers took ${crew().helped} parts`);
          check(i % cases.length);
        }
      },
      60_000,
    );
  });
}
