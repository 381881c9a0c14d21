import { describe, expect, test } from "vitest";
import { openDevice } from "../src/engines/gpu/devices/open-device.js";

/** Runs tests on WebGPU in Node where there is an adapter; elsewhere says so loudly, and fails in CI; whether there is one. */
export async function webgpuInNode(tests: () => void): Promise<boolean> {
  const found = await openDevice({ engine: "webgpu" });
  if ("device" in found) {
    found.device.close();
    describe("webgpu in Node", tests);
    return true;
  }
  const { reason } = found;
  test("webgpu in Node", ({ skip }) => {
    console.warn(`NOT TESTED: WebGPU in Node (${reason})`);
    expect(process.env.CI, reason).toBeFalsy();
    skip(reason);
  });
  return false;
}
