import type { KernelSource } from "./device.js";

/** Where gpu.js puts the arguments of a compute kernel in its uniform block, in bytes. */
interface ParamsLayout {
  readonly arrayArgs: readonly { readonly index: number; readonly dimsOffset: number }[];
  readonly scalarArgs: readonly { readonly index: number; readonly offset: number }[];
  readonly byteLength: number;
}

export interface WgslKernel {
  readonly paramsLayout: ParamsLayout;
  readonly bindGroupLayout: GPUBindGroupLayout;
  readonly computePipeline: GPUComputePipeline;
  readonly workgroupSize: readonly [number, number, number];
  build(...samples: readonly unknown[]): Promise<void>;
}

export interface GlslKernel {
  readonly program: WebGLProgram;
  /** The names of the uniforms of each argument. */
  readonly kernelArguments: readonly { readonly id: string; readonly sizeId: string; readonly dimensionsId: string }[];
  build(...samples: readonly unknown[]): void;
  destroy(withCanvas: boolean): void;
}

type KernelClass<T> = new (text: string, settings: Readonly<Record<string, unknown>>) => T;

/**
 * What the devices use of gpu.js: its translators and compilers. It runs no kernels for us: its own calls make a buffer
 * per result. The kernel classes do without `new GPU()`, which wants a global `navigator.gpu`.
 */
export interface GpuJs {
  readonly WebGPUKernel: KernelClass<WgslKernel>;
  readonly WebGPUContext: { acquire(): Promise<unknown> };
  readonly WebGL2Kernel: KernelClass<GlslKernel> & {
    readonly isSupported: boolean;
    readonly features: { readonly isFloatRead: boolean };
  };
}

export const version = "2.24.1";

/** gpu.js, or why it can't be had. */
export async function loadGpuJs(): Promise<GpuJs | string> {
  let module: Partial<GpuJs> & { default?: Partial<GpuJs> };
  // In browsers gpu.js puts itself in the place of the global that WebGPU has under this name.
  const native = Object.getOwnPropertyDescriptor(globalThis, "GPU");
  try {
    module = (await import("gpu.js")) as unknown as typeof module;
  } catch (error) {
    return `gpu.js can't be loaded (${messageOf(error)}); run \`npm install gpu.js@${version}\``;
  } finally {
    if (native !== undefined) Object.defineProperty(globalThis, "GPU", native);
  }
  // Node and bundlers disagree on how a CommonJS module looks.
  const found = module.WebGPUKernel ? module : (module.default ?? {});
  const { WebGPUKernel, WebGPUContext, WebGL2Kernel } = found;
  if (!WebGPUKernel || !WebGL2Kernel || typeof WebGPUContext?.acquire !== "function") return otherVersion;
  return { WebGPUKernel, WebGPUContext, WebGL2Kernel };
}

export const otherVersion = `this gpu.js has other insides than ${version}; run \`npm install gpu.js@${version}\``;

/** Settings for gpu.js under which one compiled kernel serves arrays of every size. */
export function kernelSettings({ arrays, scalars }: KernelSource, arrayType: string): Record<string, unknown> {
  return {
    output: [1],
    pipeline: true,
    dynamicOutput: true,
    dynamicArguments: true,
    argumentTypes: [...Array<string>(arrays).fill(arrayType), ...Array<string>(scalars).fill("Float")],
    precision: "single",
    // Otherwise WebGL2 computes in half floats on telephones,
    tactic: "precision",
    // wraps every division in a test by an integer, where divisions are not correctly rounded,
    fixIntegerDivisionAccuracy: false,
    // and cuts loops after 1000 rounds.
    loopMaxIterations: 1 << 20,
  };
}

/** What a kernel's error says: why, and which text. */
export function compileError(source: KernelSource, error: unknown): Error {
  return new Error(`build: the kernel doesn't compile: ${messageOf(error)}\n${source.text}`, { cause: error });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The text that gpu.js made with a pattern replaced, which another version might not have. */
export function replaced(text: string, pattern: RegExp, by: string, needed = true): string {
  const changed = text.replace(pattern, by);
  if (needed && changed === text) throw new Error(otherVersion);
  return changed;
}
