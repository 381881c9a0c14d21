import { describe } from "../check.js";
import type { Device } from "../engines/gpu/devices/device.js";
import type { ProgramOf } from "../engines/gpu/gpu-engine.js";
import { GpuEngine } from "../engines/gpu/gpu-engine.js";
import { knownIntegers } from "../engines/gpu/known-integers.js";
import { AsyncLauncher } from "./async-launcher.js";
import { liveCells } from "./cell.js";
import { currentLauncher, engineName, switchTo, useEngine } from "./engines.js";

/** Options of {@link useGpu}. */
export interface GpuOptions {
  /** Throw the reason instead of staying on the CPU. @defaultValue false, true when `engine` is given */
  readonly required?: boolean | undefined;
  /** Which interface to the GPU; without it WebGPU, else WebGL2. */
  readonly engine?: Device["kind"] | undefined;
}

/** What {@link useGpu} came to. */
export interface GpuChoice {
  /** The engine that runs now: `"webgpu"`, `"webgl2"`, or that of the CPU. */
  readonly engine: string;
  /** What the host calls the GPU; null on the CPU. */
  readonly adapter: string | null;
  /** Why it is no GPU; null when it is. */
  readonly reason: string | null;
}

/** What a device has done since {@link useGpu} opened it. */
export interface GpuCounts {
  /** Kernels compiled. */
  readonly compiles: number;
  /** Kernels run; on WebGL2 a large product counts twice where its result has to lie in rows, as tiles are drawn first. */
  readonly dispatches: number;
  /** Batches of kernels handed to the driver (WebGPU), results read (WebGL2). */
  readonly submits: number;
  /** Buffers, textures and what binds them, made. */
  readonly objects: number;
}

/** Opens a device, or says why there is none. */
export type OpenDevice = (options: {
  readonly engine?: Device["kind"] | undefined;
}) => Promise<{ readonly device: Device } | { readonly reason: string }>;

/** The launcher, when it is that of a GPU that works. */
function gpuLauncher(): AsyncLauncher | null {
  const launcher = currentLauncher();
  return launcher instanceof AsyncLauncher && launcher.engine.lost === null ? launcher : null;
}

/** Moves everything to a GPU; see useGpu(). */
export async function enterGpu(
  openDevice: OpenDevice,
  programOf: ProgramOf,
  { required, engine }: GpuOptions,
): Promise<GpuChoice> {
  if (engine !== undefined && engine !== "webgpu" && engine !== "webgl2")
    throw new RangeError(`useGpu: "engine" expected "webgpu" or "webgl2", got ${describe(engine)}`);
  if (required !== undefined && typeof required !== "boolean")
    throw new TypeError(`useGpu: "required" expected true or false, got ${describe(required)}`);
  const running = chosen(engine);
  if (running !== null) return running;
  const opened = await openDevice({ engine });
  if ("reason" in opened) {
    const { reason } = opened;
    if (required ?? engine !== undefined) throw new Error(`useGpu: ${reason}`);
    if (currentLauncher().engine.lost !== null) useEngine("cpu");
    return { engine: engineName(), adapter: null, reason };
  }
  if (gpuLauncher() !== null) await leaveGpu();
  const { device } = opened;
  const next = new GpuEngine(device, programOf);
  try {
    checkCells(next);
    switchTo(next, new AsyncLauncher(next));
  } catch (error) {
    device.close();
    throw error;
  }
  return { engine: device.kind, adapter: device.adapter, reason: null };
}

/** Refuses what the engine can't hold before anything has moved there. */
function checkCells(next: GpuEngine): void {
  const { engine } = currentLauncher();
  for (const { current, dtype, shape } of liveCells()) {
    next.allocate(dtype, shape.size);
    const buffer = current.value?.buffer;
    if (dtype === "int32" && buffer && engine.lost === null)
      knownIntegers(engine.read(buffer, dtype, shape.size), next.name);
  }
}

/** The GPU that runs already, when it is one that was asked for. */
function chosen(engine: Device["kind"] | undefined): GpuChoice | null {
  const running = gpuLauncher()?.engine;
  if (!(running instanceof GpuEngine) || (engine ?? running.name) !== running.name) return null;
  return { engine: running.name, adapter: running.adapter, reason: null };
}

/**
 * Moves everything from the GPU to the CPU: parameters, optimizer state, gradients and what was computed. Resolves when it
 * is there; until then nothing else may run. On the CPU already, it does nothing.
 *
 * @throws DeviceLostError (a rejection) when the GPU is lost: then `useEngine("cpu")` and a checkpoint go on
 * @example
 * ```ts
 * import { engineName } from "@downhill/tensor";
 * import { leaveGpu, useGpu } from "@downhill/tensor/gpu";
 * await useGpu();
 * await leaveGpu();
 * engineName(); // => "cpu"
 * ```
 */
export async function leaveGpu(): Promise<void> {
  const launcher = currentLauncher();
  if (!(launcher instanceof AsyncLauncher)) return;
  await launcher.leave();
  useEngine("cpu");
}

/**
 * What the GPU has done so far: after two steps of a training loop neither `compiles` nor `objects` grows.
 *
 * @returns the counts now; null where there is no GPU
 * @example
 * ```ts
 * import { gpuCounts, leaveGpu, useGpu } from "@downhill/tensor/gpu";
 * const { adapter } = await useGpu();
 * (gpuCounts() === null) === (adapter === null); // => true
 * await leaveGpu();
 * gpuCounts(); // => null
 * ```
 */
export function gpuCounts(): GpuCounts | null {
  const engine = gpuLauncher()?.engine;
  return engine instanceof GpuEngine ? engine.counts : null;
}
