import { afterEach, describe, expect, test, vi } from "vitest";
import { testDevice } from "./device-cases.js";
import { webgpuInNode } from "./webgpu-in-node.js";

const there = await webgpuInNode(() => testDevice("webgpu"));

describe("why there is no device", () => {
  afterEach(() => {
    vi.doUnmock("gpu.js");
    vi.doUnmock("webgpu");
    vi.resetModules();
  });

  const reasonWithout = async (name: string, module: () => object): Promise<string> => {
    vi.resetModules();
    vi.doMock(name, module);
    const { openDevice: open } = await import("../src/engines/gpu/devices/open-device.js");
    const result = await open({});
    return "reason" in result ? result.reason : `a device: ${result.device.adapter}`;
  };
  const missing = (): never => {
    throw new Error("no such package");
  };

  test("no gpu.js", async () => {
    expect(await reasonWithout("gpu.js", missing)).toMatch(
      /^gpu\.js can't be loaded .* run `npm install gpu\.js@2\.24\.1`$/s,
    );
  });

  test("another gpu.js", async () => {
    const older = { WebGPUKernel: undefined, default: { GPU: class {} } };
    expect(await reasonWithout("gpu.js", () => older)).toBe(
      "this gpu.js has other insides than 2.24.1; run `npm install gpu.js@2.24.1`",
    );
  });

  test("another gpu.js whose kernels look like ours", async () => {
    class Kernel {
      build(): Promise<void> {
        return Promise.resolve();
      }
    }
    const other = { WebGPUKernel: Kernel, WebGL2Kernel: Kernel, WebGPUContext: { acquire: missing } };
    const reason = await reasonWithout("gpu.js", () => other);
    if (there) expect(reason).toMatch(/^webgpu: .*this gpu\.js has other insides than 2\.24\.1/);
    expect(reason).toMatch(/; webgl2: this host has no WebGL2$/);
  });

  test("no webgpu, and Node has no WebGL2", async () => {
    expect(await reasonWithout("webgpu", missing)).toMatch(
      /^webgpu: Node has WebGPU by .* run `npm install webgpu`; webgl2: this host has no WebGL2$/s,
    );
  });
});
