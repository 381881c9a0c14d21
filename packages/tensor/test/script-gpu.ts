// The runtime on a device that runs kernels as JavaScript, for one test at a time.
import { useEngine } from "@downhill/tensor";
import { afterEach, expect } from "vitest";
import { enterGpu } from "../src/runtime/gpu-switch.js";
import { plainProgram } from "./plain-program.js";
import type { ScriptDevice } from "./script-device.js";
import { scriptDevice } from "./script-device.js";

const opened = new Set<ScriptDevice>();

/** Moves to a new device until the test is over. */
export async function scriptGpu(device: ScriptDevice = scriptDevice()): Promise<ScriptDevice> {
  opened.add(device);
  await enterGpu(async () => ({ device }), plainProgram, {});
  return device;
}

afterEach(() => {
  // A lost engine can be left at once.
  for (const device of opened) device.lose("the test is over");
  opened.clear();
  useEngine("cpu");
});

export const numbers = (values: ArrayLike<number>): number[] => Array.from(values);

export function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  numbers(actual).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 4);
  });
}
