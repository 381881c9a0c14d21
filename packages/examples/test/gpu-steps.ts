// Many steps: nothing is compiled and nothing is made on the device after the second.
import type { Memory, Tensor } from "@downhill/tensor";
import { memory, profile } from "@downhill/tensor";
import type { GpuCounts } from "@downhill/tensor/gpu";
import { gpuCounts, leaveGpu, useGpu } from "@downhill/tensor/gpu";
import { expect, test } from "vitest";
import { spiralTraining } from "./gpu-loops.js";

/** Models and batches of earlier tests: what is collected gives its memory back in the middle of a later test. */
const kept: unknown[] = [];

export function manySteps(engine: "webgpu" | "webgl2", steps: number): void {
  test(`${steps} steps on ${engine}`, async () => {
    await useGpu({ engine });
    const { model, optimizer, step } = spiralTraining();
    kept.push(model, optimizer, step);
    const losses: number[] = [];
    const { kernels } = profile();
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
    expect((profile().kernels - kernels) / steps).toBeLessThanOrEqual(13);
    await leaveGpu();
  }, 240_000);

  test.each([
    ["no loss", Number.POSITIVE_INFINITY, false],
    ["one loss in 7", 7, false],
    ["one loss in 64", 64, false],
    ["every loss, each with a new batch,", 1, true],
    ["one loss in 7, each with a new batch,", 7, true],
  ])(
    `${steps / 4} steps on ${engine} that read %s`,
    async (_, every, anew) => {
      await useGpu({ engine });
      const { model, optimizer, step } = spiralTraining();
      kept.push(model, optimizer, step);
      const [weight] = model.parameters();
      const counts: Pick<GpuCounts, "compiles" | "objects">[] = [];
      const unread: Tensor[] = [];
      let bytes: number | undefined;
      for (let i = 1; i <= steps / 4; i++) {
        const loss = await step(anew);
        if (i % every === 0) await loss.item();
        else if (i % 50 === 0) unread.push(loss);
        if (i !== 2 && i !== steps / 4) continue;
        // Steps are taken when they are asked for; the device comes later.
        await weight?.data();
        const { compiles, objects } = gpuCounts() as GpuCounts;
        counts.push({ compiles, objects });
        bytes ??= memory().bytes;
        expect(memory().bytes).toBe(bytes);
      }
      expect(counts[1]).toEqual(counts[0]);
      const values = await Promise.all(unread.map((loss) => loss.item()));
      if (values.length > 0) expect(values.at(-1)).toBeLessThan((values[0] as number) / 2);
      await leaveGpu();
    },
    240_000,
  );
}
