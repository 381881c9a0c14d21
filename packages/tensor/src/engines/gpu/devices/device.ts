import type { MatmulAttribute } from "../../../ops/contract.js";

/** float32 numbers on a device; its memory comes from a pool. int32 and bool are kept as the floats of the same value. */
export interface DeviceArray {
  readonly size: number;
}

/** What an array is for: values that last, those between two kernels of a program, and of these a product in tiles. */
export type Use = "lasting" | "passing" | "tiles";

/**
 * What one thread does, as text that gpu.js translates: `function(a0,a1,s0){...}`, arrays first, then scalars. Thread
 * `this.thread.x` returns element x of the output; arrays are read flat.
 */
export interface KernelSource {
  readonly text: string;
  readonly arrays: number;
  readonly scalars: number;
  /** Locals of the text whose values go to further outputs. Kernels of the same text have the same ones. */
  readonly results?: readonly string[];
  /** How many threads fill each output, the first ones; where nothing is said all do. */
  readonly extents?: readonly number[];
  /**
   * Arrays that keep a product in tiles, see {@link Limits.tiles}: the columns of those that are read, 0 for all others, and
   * whether the output is one.
   */
  readonly tiles?: { readonly inputs: readonly number[]; readonly output: boolean };
  /** The product of matrices in the text, where a device may compute it in tiles. */
  readonly product?: Product;
}

/**
 * A product of matrices in the text of a kernel, whose arrays 0 and 1 are the factors: the statements from the declaration of
 * the local `total` to that of `value` compute it for one element, and what follows is its epilogue. Nothing else reads these
 * two arrays.
 */
export interface Product extends Omit<MatmulAttribute, "id"> {
  readonly total: string;
  readonly value: string;
  /** Statements of the epilogue, about. */
  readonly epilogue: number;
}

/** What kernels may have. */
export interface Limits {
  /** Arrays that are read. */
  readonly arrays: number;
  /** Arrays that are filled. */
  readonly results: number;
  /** Both together. */
  readonly together: number;
  /** Whether the arrays that are filled may have room for different numbers of elements. */
  readonly mixed: boolean;
  /** Elements of an array. */
  readonly elements: number;
  /** Elements of an array that keeps a product in tiles, which is less work for the device; 0: that of this one does not. */
  readonly tiles?: (product: Product) => number;
}

/** One graphics processor through one interface: WebGPU or WebGL2, both by gpu.js. */
export interface Device {
  readonly kind: "webgpu" | "webgl2";
  /** What the host calls it. */
  readonly adapter: string;
  /** Why it is unusable; null while it works. */
  readonly lost: string | null;
  readonly limits: Limits;
  /** Since it was opened: kernels compiled, kernels run, submissions, device objects made. */
  readonly counts: { compiles: number; dispatches: number; submits: number; objects: number };
  /** An array. @defaultValue "lasting" */
  allocate(size: number, use?: Use): DeviceArray;
  free(array: DeviceArray): void;
  /** A value for every element. */
  write(array: DeviceArray, values: Float32Array): void;
  /** Copies up to four elements from one array to another, at multiples of four; it may change what follows them up to the next. */
  copy(from: DeviceArray, fromAt: number, to: DeviceArray, toAt: number, size: number): void;
  /** A copy of the first `size` numbers, as they are after all work so far. */
  read(array: DeviceArray, size: number): Promise<Float32Array>;
  /** Compiles a kernel unless it is there already; many may be asked for at once. */
  build(source: KernelSource): Promise<void>;
  /** Starts a kernel that was built: `output[x]` of every output for x in [0, size), or to its extent. No output is an input or another one. */
  run(
    source: KernelSource,
    outputs: readonly DeviceArray[],
    size: number,
    inputs: readonly DeviceArray[],
    scalars: readonly number[],
  ): void;
  /** What is alive on the device, the pool included. */
  memory(): { bytes: number; buffers: number };
  close(): void;
}
