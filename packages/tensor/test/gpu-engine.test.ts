// WebGPU in Node, through the package `webgpu`.
import { describe, expect, test } from "vitest";
import { openDevice } from "../src/engines/gpu/open-device.js";
import { likeReferenceOn } from "./gpu-cases.js";

const found = await openDevice({ engine: "webgpu" });
if ("device" in found) {
  found.device.close();
  describe("webgpu in Node", () => likeReferenceOn("webgpu"));
} else {
  const { reason } = found;
  test("webgpu in Node", ({ skip }) => {
    console.warn(`NOT TESTED: WebGPU in Node (${reason})`);
    expect(process.env.CI, reason).toBeFalsy();
    skip(reason);
  });
}
