/**
 * The GPU stopped working: its driver was reset, the browser took it away, or it refused a kernel. What was on it is gone.
 * Pending reads reject with this, and so does every call until there is another engine.
 *
 * @example
 * ```ts
 * import { DeviceLostError } from "@downhill/tensor/gpu";
 * const error = new DeviceLostError("webgpu", "the driver was reset");
 * error.reason; // => "the driver was reset"
 * ```
 */
export class DeviceLostError extends Error {
  /** Says so where classes can't be compared, as in logs. */
  override readonly name = "DeviceLostError";

  /**
   * @param engine - name of the engine
   * @param reason - why it is unusable
   */
  constructor(
    engine: string,
    readonly reason: string,
  ) {
    super(
      `evaluate: the engine "${engine}" is lost (${reason}); call await useGpu() or useEngine("cpu") and load the parameters from a checkpoint`,
    );
  }
}
