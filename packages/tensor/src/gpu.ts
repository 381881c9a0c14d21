/**
 * The engine for graphics processors: WebGPU, else WebGL2, through the package `gpu.js`, an optional peer dependency.
 *
 * @packageDocumentation
 */
import { openDevice } from "./engines/gpu/devices/open-device.js";
import { programOf } from "./engines/gpu/program.js";
import type { GpuChoice, GpuOptions } from "./runtime/gpu-switch.js";
import { enterGpu } from "./runtime/gpu-switch.js";

export { DeviceLostError } from "./engines/gpu/device-lost.js";
export { type GpuChoice, type GpuCounts, type GpuOptions, gpuCounts, leaveGpu } from "./runtime/gpu-switch.js";

/**
 * Moves everything to the GPU: WebGPU where there is one, else WebGL2, else it stays on the CPU and says why. Parameters
 * and optimizer state move along; tensors that were built on older versions of a parameter can't be read afterwards.
 *
 * On the GPU results arrive later: `await` what you read and every `optimizer.step()`. `dataSync()`, `itemSync()`,
 * `arraySync()` and `evaluateSync()` throw. int32 values go up to 2^24.
 *
 * @param options - `required`: throw when there is no GPU; `engine`: `"webgpu"` or `"webgl2"`, and no other
 * @returns the `engine` that runs now, the `adapter` (null on the CPU), and the `reason` why it is no GPU (null when it is)
 * @throws RangeError (a rejection) when `engine` is neither, or a parameter holds what the GPU can't
 * @throws TypeError (a rejection) when `required` is neither true nor false
 * @throws Error (a rejection) with the reason, when there is no GPU and one was required
 * @example
 * ```ts
 * import { engineName } from "@downhill/tensor";
 * import { leaveGpu, useGpu } from "@downhill/tensor/gpu";
 * const { engine, adapter, reason } = await useGpu();
 * engine === engineName(); // => true
 * (adapter === null) === (reason !== null); // => true
 * await leaveGpu();
 * ```
 */
export function useGpu(options: GpuOptions = {}): Promise<GpuChoice> {
  return enterGpu(openDevice, programOf, options);
}
