import { cpus } from "node:os";
import { range } from "./format.mjs";

/** Processor and Node. */
export const machine = () => `${cpus()[0]?.model.trim() ?? "unknown CPU"}, Node ${process.versions.node}`;

/** How steady the machine was. */
export function noiseLine({ readings: { copies, multiplyAndAdd } }) {
  const { bytes, GBs } = copies.at(-1);
  return `The machine meanwhile: copying with ${size(bytes)} in play ${range(GBs, "GB/s")}, 128-bit multiply and add ${range(multiplyAndAdd, "GFLOP/s")}.`;
}

/** What the floors come from. */
export function peaksLine({ readings: { copies, multiplyAndAdd, relaxedMultiplyAdd, peakGFlops } }) {
  const one = relaxedMultiplyAdd === null ? "not known to this runtime" : relaxedMultiplyAdd.max.toFixed(1);
  const ladder = copies.map(({ bytes, GBs }) => `${size(bytes)} ${GBs.median.toFixed(1)}`);
  return [
    `128-bit multiply-add peak: ${peakGFlops.toFixed(1)} GFLOP/s (two instructions ${multiplyAndAdd.max.toFixed(1)}, relaxed_madd ${one}).`,
    `Copies, GB/s read and written, by what is in play: ${ladder.join(", ")}.`,
  ].join("\n");
}

/** What a number of threads needs. */
export function coresLine({ cores, load, threads }) {
  return `${threads} threads need ${threads} quiet cores; this machine has ${cores}, and its load before the run was ${load.toFixed(1)}.`;
}

const size = (bytes) => (bytes < 1 << 20 ? `${bytes >> 10} KB` : `${bytes >> 20} MB`);
