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

  /** Its memory, for a device with this pool. */
  held(fn: string, name: string, pool: Pool<T>): Slot<T> {
    if (this.slot === null) throw new Error(`${fn}: "${name}" expected an array in use, got one that was freed`);
    if (this.pool !== pool) throw new Error(`${fn}: "${name}" expected an array of this device, got one of another`);
    return this.slot;
  }
}

export function checkSize(fn: string, name: string, size: number, most: number): void {
  if (!Number.isInteger(size) || size < 0 || size > most)
    throw new RangeError(`${fn}: "${name}" expected a whole number from 0 to ${most}, got ${size}`);
}

/** Throws unless the arguments are as many as the kernel has and its output is none of its inputs. */
export function checkArguments(
  { arrays, scalars }: KernelSource,
  output: DeviceArray,
  size: number,
  inputs: readonly DeviceArray[],
  numbers: readonly number[],
): void {
  if (inputs.length !== arrays)
    throw new RangeError(`run: "inputs" expected ${arrays} arrays as the kernel has, got ${inputs.length}`);
  if (numbers.length !== scalars)
    throw new RangeError(`run: "scalars" expected ${scalars} numbers as the kernel has, got ${numbers.length}`);
  if (inputs.includes(output)) throw new RangeError('run: "output" expected none of the inputs, got one of them');
  checkSize("run", "size", size, output.size);
}
