import type { Device } from "./device.js";
import type { GpuJs } from "./gpu-js.js";
import { loadGpuJs, messageOf } from "./gpu-js.js";
import { selfTest } from "./self-test.js";
import { openWebGl2 } from "./webgl2-device.js";
import { openWebGpu } from "./webgpu-device.js";

const openers = { webgpu: openWebGpu, webgl2: openWebGl2 };

/** The first device that works: WebGPU, else WebGL2, or the one that is asked for; else why there is none. */
export async function openDevice(options: {
  readonly engine?: Device["kind"] | undefined;
}): Promise<{ readonly device: Device } | { readonly reason: string }> {
  const gpujs = await loadGpuJs();
  if (typeof gpujs === "string") return { reason: gpujs };
  const reasons: string[] = [];
  for (const kind of options.engine === undefined ? (["webgpu", "webgl2"] as const) : [options.engine]) {
    const opened = await open(kind, gpujs);
    if (typeof opened !== "string") return { device: opened };
    reasons.push(`${kind}: ${opened}`);
  }
  return { reason: reasons.join("; ") };
}

async function open(kind: Device["kind"], gpujs: GpuJs): Promise<Device | string> {
  let device: Device | null = null;
  try {
    const opened = await openers[kind](gpujs);
    if (typeof opened === "string") return opened;
    device = opened;
    const wrong = await selfTest(device);
    if (wrong === null) return device;
    device.close();
    return wrong;
  } catch (error) {
    device?.close();
    return messageOf(error);
  }
}
