// Many steps: nothing is compiled and no memory is made on the device after the second, and no other object after the third,
// in which every parameter has been in each of its three places.
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
    const held: (Memory & GpuCounts)[] = [];
    for (let i = 1; i <= steps; i++) {
      losses.push(await (await step()).item());
      if (i === 2 || i === 3 || i === steps) held.push({ ...memory(), ...(gpuCounts() as GpuCounts) });
    }
    const [second, third, last] = held as [Memory & GpuCounts, Memory & GpuCounts, Memory & GpuCounts];
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 4);
    expect(last.compiles).toBe(second.compiles);
    expect(last.bytes).toBe(second.bytes);
    expect(last.buffers).toBe(second.buffers);
    expect(last.objects).toBe(third.objects);
    await leaveGpu();
  }, 240_000);
}
