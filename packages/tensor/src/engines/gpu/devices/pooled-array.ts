import type { DeviceArray, KernelSource } from "./device.js";
import type { Pool, Slot } from "./pool.js";

/** An array of a device whose memory comes from a pool. */
export class PooledArray<T> implements DeviceArray {
  private slot: Slot<T> | null;

  constructor(
    private readonly pool: Pool<T>,
    readonly size: number,
  ) {
    this.slot = pool.take(size);
  }

  free(): void {
    if (this.slot !== null) this.pool.give(this.slot);
    this.slot = null;
  }

  /** Its memory, for a device with these pools. */
  held(fn: string, name: string, pools: readonly Pool<T>[]): Slot<T> {
    if (this.slot === null) throw new Error(`${fn}: "${name}" expected an array in use, got one that was freed`);
    if (!pools.includes(this.pool))
      throw new Error(`${fn}: "${name}" expected an array of this device, got one of another`);
    return this.slot;
  }
}

export function checkSize(fn: string, name: string, size: number, most: number): void {
  if (!Number.isInteger(size) || size < 0 || size > most)
    throw new RangeError(`${fn}: "${name}" expected a whole number from 0 to ${most}, got ${size}`);
}

/** Throws unless there is a value for each element: a device writes more than one at a time. */
export function checkFills({ length }: Float32Array, { size }: DeviceArray): void {
  if (length !== size) throw new RangeError(`write: "values.length" expected ${size} as the array has, got ${length}`);
}

/** Throws unless the arguments are as many as the kernel has and its outputs are all different and none of its inputs. */
export function checkArguments(
  { arrays, scalars, results = [], extents }: KernelSource,
  outputs: readonly DeviceArray[],
  size: number,
  inputs: readonly DeviceArray[],
  numbers: readonly number[],
): void {
  if (inputs.length !== arrays)
    throw new RangeError(`run: "inputs" expected ${arrays} arrays as the kernel has, got ${inputs.length}`);
  if (numbers.length !== scalars)
    throw new RangeError(`run: "scalars" expected ${scalars} numbers as the kernel has, got ${numbers.length}`);
  if (outputs.length !== results.length + 1)
    throw new RangeError(
      `run: "outputs" expected ${results.length + 1} arrays as the kernel has, got ${outputs.length}`,
    );
  outputs.forEach((output, i) => {
    if (inputs.includes(output)) throw new RangeError('run: "outputs" expected none of the inputs, got one of them');
    if (outputs.indexOf(output) !== i) throw new RangeError('run: "outputs" expected different arrays, got one twice');
    checkSize("run", "size", extents?.[i] ?? size, output.size);
  });
}
