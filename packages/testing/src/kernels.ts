import { profile } from "@downhill/tensor";
import { onEngine } from "./engines.js";

/** Kernels that `run` makes the cpu engine run. */
export function countKernels(run: () => void): number {
  return onEngine("cpu", () => {
    const before = profile().kernels;
    run();
    return profile().kernels - before;
  });
}
