import { ownKernels as cpuKernels } from "./cpu/own-kernel.js";
import { windowKernels as cpuWindows } from "./cpu/window-kernels.js";
import { ownKernels as referenceKernels } from "./reference/own-kernels.js";
import { windowKernels as referenceWindows } from "./reference/window-kernels.js";

/** Gives the engines their convolutions and poolings, which bundles without them need not hold. */
export function addWindows(): void {
  if ("conv2d" in cpuKernels) return;
  Object.assign(cpuKernels, cpuWindows);
  Object.assign(referenceKernels, referenceWindows);
}
