import { messageOf } from "./gpu-js.js";

// Node's is an object of ours that must outlive every device.
let found: GPU | undefined;

/** WebGPU as this host has it: browsers' own, or Dawn in Node by the package `webgpu`. Otherwise why there is none. */
export async function findWebGpu(): Promise<GPU | string> {
  const { navigator, process } = globalThis as {
    navigator?: { gpu?: GPU };
    process?: { versions?: { node?: string } };
  };
  found ??= navigator?.gpu;
  if (found !== undefined) return found;
  if (process?.versions?.node === undefined)
    return "this host has no WebGPU (navigator.gpu); browsers have it on https and localhost only";
  // Not a literal: bundlers for browsers must not look for it.
  const name = "webgpu";
  try {
    const { create } = (await import(/* @vite-ignore */ name)) as { create(options: string[]): GPU };
    found = create([]);
    return found;
  } catch (error) {
    return `Node has WebGPU by the package webgpu, which can't be loaded (${messageOf(error)}); run \`npm install webgpu\``;
  }
}

/** An adapter's device with all the room that it has: the default is 128 MiB an array and 7 inputs a kernel. */
export async function requestDevice(
  gpu: GPU,
): Promise<{ readonly device: GPUDevice; readonly adapter: string } | string> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) return "WebGPU finds no adapter (no graphics processor, or no driver for it)";
  const { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const requiredLimits = { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize };
  const device = await adapter.requestDevice({ requiredLimits });
  const { vendor, architecture, device: model, description } = adapter.info;
  const names = [description || model, vendor, architecture].filter((part) => part !== "");
  return { device, adapter: names.join(", ") || "unknown" };
}
