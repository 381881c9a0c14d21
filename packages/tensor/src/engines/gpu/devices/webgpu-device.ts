import type { Device, Use } from "./device.js";
import type { GpuJs } from "./gpu-js.js";
import { messageOf } from "./gpu-js.js";
import { usage } from "./gpu-usage.js";
import { KernelCache } from "./kernel-cache.js";
import type { Slot } from "./pool.js";
import { Pool } from "./pool.js";
import type { Run } from "./pooled-device.js";
import { inAll, PooledDevice, usualReadings } from "./pooled-device.js";
import { UniformRing } from "./uniform-ring.js";
import { findWebGpu, requestDevice } from "./webgpu-host.js";
import type { WebGpuProgram } from "./webgpu-program.js";
import { compileWgsl } from "./webgpu-program.js";
import { threadsOf } from "./wgsl-product.js";

/** Runs that are submitted together: a submission costs more than a run, and a late one lets the device idle. */
const batch = 200;
const mostGroups = 4096;

/** WebGPU, or why it can't be had. */
export async function openWebGpu(gpujs: GpuJs): Promise<Device | string> {
  const gpu = await findWebGpu();
  if (typeof gpu === "string") return gpu;
  const requested = await requestDevice(gpu);
  return typeof requested === "string" ? requested : new WebGpuDevice(gpujs, requested.device, requested.adapter);
}

class WebGpuDevice extends PooledDevice<GPUBuffer, WebGpuProgram> {
  readonly kind = "webgpu";
  readonly limits: Device["limits"];
  lost: string | null = null;
  protected readonly programs: KernelCache<WebGpuProgram>;
  protected readonly pools: Readonly<Record<Use, Pool<GPUBuffer>>>;
  private readonly staging: Pool<GPUBuffer>;
  private readonly uniforms: UniformRing;
  /** By program and memory; ids are never given twice. */
  private readonly groups = new Map<string, GPUBindGroup>();
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private waiting = 0;

  constructor(
    gpujs: GpuJs,
    private readonly device: GPUDevice,
    readonly adapter: string,
  ) {
    super();
    const { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    const elements = Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / 4);
    const together = maxStorageBuffersPerShaderStage;
    // One of the buffers is an output.
    this.limits = { arrays: together - 1, results: together - 1, together, mixed: true, elements };
    void device.lost.then(({ message }) => {
      this.lost ??= message || "the device was lost";
    });
    // What was refused leaves its output as it was: nothing after it can be trusted.
    device.onuncapturederror = ({ error }) => {
      this.lost ??= error.message;
    };
    this.programs = new KernelCache(this.limits.arrays, (source) => {
      this.counts.compiles++;
      return compileWgsl(gpujs, device, source);
    });
    const make = (use: number) => (capacity: number) => {
      this.counts.objects++;
      return device.createBuffer({ size: capacity * 4, usage: use });
    };
    const destroy = (buffer: GPUBuffer): void => {
      this.flush();
      this.groups.clear();
      buffer.destroy();
    };
    const buffers = () => new Pool(elements, make(usage.storage | usage.copyFrom | usage.copyTo), destroy);
    this.pools = { lasting: buffers(), passing: buffers(), tiles: buffers() };
    this.staging = new Pool(elements, make(usage.mapRead | usage.copyTo), destroy);
    for (const slot of usualReadings.map((size) => this.staging.take(size))) this.staging.give(slot);
    this.uniforms = new UniformRing(device);
    this.counts.objects++;
  }

  protected upload(memory: GPUBuffer, values: Float32Array): void {
    // The queue would put this before the runs that still wait here.
    this.flush();
    this.device.queue.writeBuffer(memory, 0, values as Float32Array<ArrayBuffer>);
  }

  protected move(from: GPUBuffer, fromAt: number, to: GPUBuffer, toAt: number, size: number): void {
    this.endPass();
    this.encoder ??= this.device.createCommandEncoder();
    this.encoder.copyBufferToBuffer(from, fromAt * 4, to, toAt * 4, size * 4);
  }

  protected async download(memory: GPUBuffer, size: number): Promise<Float32Array> {
    const slot = this.staging.take(size);
    const target = slot.memory;
    try {
      this.endPass();
      this.encoder ??= this.device.createCommandEncoder();
      this.encoder.copyBufferToBuffer(memory, 0, target, 0, size * 4);
      this.flush();
      await target.mapAsync(usage.mapRead, 0, size * 4);
      const values = new Float32Array(target.getMappedRange(0, size * 4).slice(0));
      target.unmap();
      return values;
    } catch (error) {
      // The news of a loss may come after its consequences.
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
      this.lost ??= messageOf(error);
      throw error;
    } finally {
      this.staging.give(slot);
    }
  }

  protected start(program: WebGpuProgram, { source, outputs, size, inputs, extents, scalars }: Run<GPUBuffer>): void {
    let start = this.uniforms.take(program.uniformBytes);
    if (start < 0) {
      this.flush();
      start = this.uniforms.take(program.uniformBytes);
    }
    // Long rows of workgroups are folded; gpu.js's kernels find their index by the width of the fold.
    const groups = Math.ceil(threadsOf(source.product, size) / program.threads);
    const rows = Math.ceil(groups / this.device.limits.maxComputeWorkgroupsPerDimension);
    const columns = Math.ceil(groups / rows);
    const { words, floats } = this.uniforms;
    const word = start >> 2;
    words.set([size, 1, 1, columns * program.threads], word);
    program.arrays.forEach((at, i) => {
      const extent = extents[i] as number;
      words.set([extent, 1, 1, extent], word + at);
    });
    program.scalars.forEach((at, i) => {
      floats[word + at] = scalars[i] as number;
    });

    this.encoder ??= this.device.createCommandEncoder();
    this.pass ??= this.encoder.beginComputePass();
    this.pass.setPipeline(program.pipeline);
    this.pass.setBindGroup(0, this.group(program, [...inputs, ...outputs]), [start]);
    this.pass.dispatchWorkgroups(columns, rows);
    if (++this.waiting >= batch) this.flush();
  }

  protected reserved(): { bytes: number; buffers: number } {
    const { bytes, buffers } = inAll(...Object.values(this.pools), this.staging);
    return { bytes: bytes + UniformRing.bytes, buffers: buffers + 1 };
  }

  protected shut(): void {
    this.lost ??= "it was closed";
    this.endPass();
    this.encoder = null;
    this.programs.clear();
    this.groups.clear();
    for (const pool of Object.values(this.pools)) pool.close();
    this.staging.close();
    this.uniforms.buffer.destroy();
    this.device.destroy();
  }

  private group(program: WebGpuProgram, slots: readonly Slot<GPUBuffer>[]): GPUBindGroup {
    let key = `${program.id}`;
    for (const { id } of slots) key += `,${id}`;
    let group = this.groups.get(key);
    if (group === undefined) {
      if (this.groups.size >= mostGroups) this.groups.clear();
      const uniforms = { buffer: this.uniforms.buffer, size: program.uniformBytes };
      const resources = [uniforms, ...slots.map(({ memory }) => ({ buffer: memory }))];
      const entries = resources.map((resource, binding) => ({ binding, resource }));
      group = this.device.createBindGroup({ layout: program.layout, entries });
      this.groups.set(key, group);
      this.counts.objects++;
    }
    return group;
  }

  private endPass(): void {
    this.pass?.end();
    this.pass = null;
  }

  private flush(): void {
    if (this.encoder === null) return;
    this.endPass();
    this.uniforms.upload();
    this.device.queue.submit([this.encoder.finish()]);
    this.encoder = null;
    this.waiting = 0;
    this.counts.submits++;
  }
}
