import { useGpu } from "@downhill/tensor/gpu";
import { expect, test } from "vitest";
import { manySteps } from "./gpu-steps.js";

const { adapter, reason } = await useGpu({ engine: "webgpu", required: false });
if (adapter !== null) manySteps("webgpu", 10_000);
else
  test("10000 steps on webgpu in Node", ({ skip }) => {
    console.warn(`NOT TESTED: WebGPU in Node (${reason})`);
    expect(process.env.CI, String(reason)).toBeFalsy();
    skip(String(reason));
  });
