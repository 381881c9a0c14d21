import { describe, expect, test, vi } from "vitest";
import type { Device } from "../src/engines/gpu/devices/device.js";
import { openDevice } from "../src/engines/gpu/devices/open-device.js";
import { copy, opened, testDevice } from "./device-cases.js";

describe.each(["webgpu", "webgl2"] as const)("%s", testDevice);

/** The device is lost under a run; what was asked for is refused, not answered with zeros. */
async function expectLoss(device: Device, lose: () => void): Promise<void> {
  await device.build(copy);
  const [a, b] = [device.allocate(1000), device.allocate(1000)];
  device.write(a, new Float32Array(1000).fill(1));
  device.run(copy, [b], 1000, [a], []);
  lose();
  await expect(device.read(b, 1000)).rejects.toThrow(/device is gone/);
  expect(device.lost).toMatch(/\w/);
  await expect(device.build(copy)).rejects.toThrow(/device is gone/);
  expect(() => device.run(copy, [b], 1000, [a], [])).toThrow(/device is gone/);
  device.close();
  expect(device.memory()).toEqual({ bytes: 0, buffers: 0 });
}

test("webgpu: a lost device", async () => {
  const request = vi.spyOn(GPUAdapter.prototype, "requestDevice");
  const device = await opened("webgpu");
  const inner = (await request.mock.results[0]?.value) as GPUDevice;
  request.mockRestore();
  await expectLoss(device, () => inner.destroy());
  (await opened("webgpu")).close();
});

test("webgpu: what the driver refuses condemns the device", async () => {
  const request = vi.spyOn(GPUAdapter.prototype, "requestDevice");
  const device = await opened("webgpu");
  const inner = (await request.mock.results[0]?.value) as GPUDevice;
  request.mockRestore();
  const array = device.allocate(10);
  device.write(array, new Float32Array(10));
  inner.createBuffer({ size: 16, usage: 0 });
  await expect(device.read(array, 10)).rejects.toThrow(/device is gone/);
  device.close();
});

test("webgl2: what the driver refuses condemns the device", async () => {
  const draw = vi.spyOn(WebGL2RenderingContext.prototype, "drawArrays");
  const device = await opened("webgl2");
  const gl = draw.mock.contexts.at(-1) as WebGL2RenderingContext;
  draw.mockRestore();
  const array = device.allocate(10);
  device.write(array, new Float32Array(10));
  gl.drawArrays(-1, 0, 4);
  await expect(device.read(array, 10)).rejects.toThrow(/device is gone \(WebGL error 1280\)/);
  device.close();
});

test("webgl2: a lost context", async () => {
  const create = vi.spyOn(OffscreenCanvas.prototype, "getContext");
  const device = await opened("webgl2");
  const gl = create.mock.results.map(({ value }) => value as WebGL2RenderingContext)[0] as WebGL2RenderingContext;
  create.mockRestore();
  await expectLoss(device, () => gl.getExtension("WEBGL_lose_context")?.loseContext());
  (await opened("webgl2")).close();
});

test("without a wish it is webgpu, and webgl2 where that has no adapter", async () => {
  const first = await openDevice({});
  expect("device" in first && first.device.kind).toBe("webgpu");
  // gpu.js has left WebGPU's own global alone.
  expect(navigator.gpu).toBeInstanceOf(GPU);
  if ("device" in first) first.device.close();
  const request = vi.spyOn(GPU.prototype, "requestAdapter").mockResolvedValue(null);
  const second = await openDevice({});
  expect("device" in second && second.device.kind).toBe("webgl2");
  if ("device" in second) second.device.close();
  const create = vi.spyOn(OffscreenCanvas.prototype, "getContext").mockReturnValue(null);
  const canvas = vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  expect(await openDevice({})).toEqual({
    reason:
      "webgpu: WebGPU finds no adapter (no graphics processor, or no driver for it); webgl2: this host has no WebGL2",
  });
  for (const spy of [request, create, canvas]) spy.mockRestore();
});
