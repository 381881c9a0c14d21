import type { KernelSource } from "./device.js";
import type { GpuJs } from "./gpu-js.js";
import { compileError, kernelSettings, otherVersion } from "./gpu-js.js";
import { shaderStage } from "./gpu-usage.js";
import { UniformRing } from "./uniform-ring.js";
import { completeWgsl } from "./wgsl.js";

/** A compiled kernel: its pipeline, and where its arguments lie in the uniform block. */
export interface WebGpuProgram {
  readonly id: number;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Threads of a workgroup. */
  readonly threads: number;
  readonly uniformBytes: number;
  /** Word of the extents of each array, word of each scalar. */
  readonly arrays: readonly number[];
  readonly scalars: readonly number[];
}

let ids = 0;

export async function compileWgsl(gpujs: GpuJs, device: GPUDevice, source: KernelSource): Promise<WebGpuProgram> {
  try {
    const kernel = new gpujs.WebGPUKernel(source.text, kernelSettings(source, "Array"));
    const samples = [...Array(source.arrays).fill(new Float32Array(1)), ...Array(source.scalars).fill(1)];
    await withDevice(gpujs, device, source, () => kernel.build(...samples));
    const { paramsLayout, bindGroupLayout, computePipeline, workgroupSize } = kernel;
    if (!paramsLayout || !bindGroupLayout || !computePipeline || !workgroupSize) throw new Error(otherVersion);
    if (paramsLayout.byteLength > UniformRing.bytes) throw new Error(`${source.scalars} scalars are too many`);
    return {
      id: ids++,
      pipeline: computePipeline,
      layout: bindGroupLayout,
      threads: workgroupSize[0],
      uniformBytes: paramsLayout.byteLength,
      arrays: paramsLayout.arrayArgs.map(({ dimsOffset }) => dimsOffset >> 2),
      scalars: paramsLayout.scalarArgs.map(({ offset }) => offset >> 2),
    };
  } catch (error) {
    throw compileError(source, error);
  }
}

/** gpu.js has one device for all, which it asks for at the start of a build: it gets ours for that long. */
function withDevice<T>({ WebGPUContext }: GpuJs, device: GPUDevice, source: KernelSource, build: () => T): T {
  const acquire = WebGPUContext.acquire;
  WebGPUContext.acquire = () => Promise.resolve({ device: compilingDevice(device, source), isLost: false });
  try {
    return build();
  } finally {
    WebGPUContext.acquire = acquire;
  }
}

/** The device as gpu.js sees it while it builds a kernel. */
function compilingDevice(device: GPUDevice, source: KernelSource): object {
  return {
    limits: device.limits,
    pushErrorScope: (filter: GPUErrorFilter) => device.pushErrorScope(filter),
    popErrorScope: () => device.popErrorScope(),
    // Buffers for arguments and results that gpu.js makes with every kernel; ours come from the pool.
    createBuffer: () => ({ size: 0, destroy: () => {} }),
    createShaderModule({ code }: GPUShaderModuleDescriptor) {
      // Its errors come as messages, too; as uncaptured ones they would condemn the device.
      device.pushErrorScope("validation");
      const module = device.createShaderModule({ code: completeWgsl(code, source) });
      void device.popErrorScope().catch(() => {});
      return module;
    },
    // The place of the uniforms is given at every run, so that one bind group serves all places.
    createBindGroupLayout({ entries }: { entries: Iterable<GPUBindGroupLayoutEntry> }) {
      const moving = Array.from(entries, (entry) =>
        entry.buffer?.type === "uniform" ? { ...entry, buffer: { ...entry.buffer, hasDynamicOffset: true } } : entry,
      );
      const further = (source.results ?? []).map((_, i) => ({
        binding: moving.length + i,
        visibility: shaderStage.compute,
        buffer: { type: "storage" } as const,
      }));
      return device.createBindGroupLayout({ entries: [...moving, ...further] });
    },
    createPipelineLayout: (descriptor: GPUPipelineLayoutDescriptor) => device.createPipelineLayout(descriptor),
    createComputePipeline: (descriptor: GPUComputePipelineDescriptor) => device.createComputePipeline(descriptor),
  };
}
