/** float32 numbers on a device; its memory comes from a pool. int32 and bool are kept as the floats of the same value. */
export interface DeviceArray {
  readonly size: number;
}

/**
 * What one thread does, as text that gpu.js translates: `function(a0,a1,s0){...}`, arrays first, then scalars. Thread
 * `this.thread.x` returns element x of the output; arrays are read flat.
 */
export interface KernelSource {
  readonly text: string;
  readonly arrays: number;
  readonly scalars: number;
}

/** One graphics processor through one interface: WebGPU or WebGL2, both by gpu.js. */
export interface Device {
  readonly kind: "webgpu" | "webgl2";
  /** What the host calls it. */
  readonly adapter: string;
  /** Why it is unusable; null while it works. */
  readonly lost: string | null;
  /** Most arrays that a kernel reads, and elements that an array has. */
  readonly limits: { readonly arrays: number; readonly elements: number };
  /** Since it was opened: kernels compiled, threads of work started, submissions, device objects made. */
  readonly counts: { compiles: number; dispatches: number; submits: number; objects: number };
  allocate(size: number): DeviceArray;
  free(array: DeviceArray): void;
  write(array: DeviceArray, values: Float32Array): void;
  /** A copy of the first `size` numbers, as they are after all work so far. */
  read(array: DeviceArray, size: number): Promise<Float32Array>;
  /** Compiles a kernel unless it is there already; many may be asked for at once. */
  build(source: KernelSource): Promise<void>;
  /** Starts a kernel that was built: `output[x]` for x in [0, size). The output is none of the inputs. */
  run(
    source: KernelSource,
    output: DeviceArray,
    size: number,
    inputs: readonly DeviceArray[],
    scalars: readonly number[],
  ): void;
  /** What is alive on the device, the pool included. */
  memory(): { bytes: number; buffers: number };
  close(): void;
}
