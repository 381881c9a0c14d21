// A device that is lost in the middle of training: the next call says so, and training goes on from the last checkpoint.
import { decodeSafetensors, encodeSafetensors, useEngine } from "@downhill/tensor";
import { DeviceLostError, leaveGpu, useGpu } from "@downhill/tensor/gpu";
import { afterEach, describe, expect, test, vi } from "vitest";
import { spiralTraining } from "./gpu-loops.js";

type Loop = ReturnType<typeof spiralTraining>;
type Kind = "webgpu" | "webgl2";
const [steps, every, lostAt] = [60, 10, 37];

/** Opens an engine; what it returns makes the device disappear. */
async function openToLose(engine: Kind): Promise<() => void> {
  let lose = (): void => {};
  const { requestDevice } = GPUAdapter.prototype;
  vi.spyOn(GPUAdapter.prototype, "requestDevice").mockImplementation(async function (this: GPUAdapter, descriptor) {
    const device = await requestDevice.call(this, descriptor);
    lose = () => device.destroy();
    return device;
  });
  const { getContext } = OffscreenCanvas.prototype;
  vi.spyOn(OffscreenCanvas.prototype, "getContext").mockImplementation(function (this: OffscreenCanvas, ...args) {
    const context = getContext.apply(this, args);
    if (context instanceof WebGL2RenderingContext)
      lose = () => context.getExtension("WEBGL_lose_context")?.loseContext();
    return context;
  });
  const { reason } = await useGpu({ engine });
  expect(reason).toBeNull();
  vi.restoreAllMocks();
  return () => lose();
}

interface Checkpoint {
  readonly step: number;
  /** A safetensors file: what lies in JavaScript survives the device. */
  readonly model: Uint8Array;
  readonly optimizer: Awaited<ReturnType<Loop["optimizer"]["stateDict"]>>;
}

/** Trains up to `steps`; losses go into `losses`, checkpoints into `keep`. */
async function train(
  loop: Loop,
  from: number,
  losses: number[],
  keep: (checkpoint: Checkpoint) => void,
  spoil = -1,
  lose = () => {},
): Promise<void> {
  for (let step = from; step < steps; step++) {
    if (step % every === 0)
      keep({
        step,
        model: await encodeSafetensors(loop.model.stateDict()),
        optimizer: await loop.optimizer.stateDict(),
      });
    if (step === spoil) lose();
    losses[step] = await (await loop.step()).item();
  }
}

afterEach(() => leaveGpu().catch(() => useEngine("cpu")));

describe.each(["webgpu", "webgl2"] as const)("%s is lost", (engine) => {
  test.each(["the same kind of device", "the CPU"])(
    "and training goes on, on %s",
    async (next) => {
      const wanted: number[] = [];
      await train(spiralTraining(), 0, wanted, () => {});

      const lose = await openToLose(engine);
      const loop = spiralTraining();
      const losses: number[] = [];
      let last: Checkpoint | null = null;
      const error = await train(loop, 0, losses, (checkpoint) => (last = checkpoint), lostAt, lose).catch(
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(DeviceLostError);
      expect(losses.length).toBeGreaterThanOrEqual(lostAt);
      expect(losses.length).toBeLessThan(steps);
      const { step, model, optimizer } = last as unknown as Checkpoint;
      expect(step).toBe(30);

      if (next === "the CPU") useEngine("cpu");
      else expect(await useGpu({ engine })).toMatchObject({ engine, reason: null });
      const again = spiralTraining(1);
      again.model.loadStateDict(decodeSafetensors(model).tensors);
      again.optimizer.loadStateDict(optimizer);
      await train(again, step, losses, () => {});
      expect(losses.length).toBe(steps);
      losses.forEach((loss, i) => {
        expect(Math.abs(loss - (wanted[i] as number)), `step ${i}`).toBeLessThan(1e-3);
      });
    },
    60_000,
  );
});
