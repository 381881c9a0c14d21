// Many steps: nothing is compiled and nothing is made on the device after the second.
import type { Memory } from "@downhill/tensor";
import { memory } from "@downhill/tensor";
import type { GpuCounts } from "@downhill/tensor/gpu";
import { gpuCounts, leaveGpu, useGpu } from "@downhill/tensor/gpu";
import { expect, test } from "vitest";
import { spiralTraining } from "./gpu-loops.js";

export function manySteps(engine: "webgpu" | "webgl2", steps: number): void {
  test(`${steps} steps on ${engine}`, async () => {
    await useGpu({ engine });
    const { step } = spiralTraining();
    const losses: number[] = [];
    const held: (Memory & Pick<GpuCounts, "compiles" | "objects">)[] = [];
    for (let i = 1; i <= steps; i++) {
      losses.push(await (await step()).item());
      if (i !== 2 && i !== steps) continue;
      const { compiles, objects } = gpuCounts() as GpuCounts;
      held.push({ ...memory(), compiles, objects });
    }
    const [second, last] = held;
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 4);
    expect(last).toEqual(second);
    await leaveGpu();
  }, 240_000);
}
