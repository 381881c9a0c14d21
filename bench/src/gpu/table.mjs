import { digits } from "../tables/format.mjs";

const head = ["ms/step", "least", "most", "kernels/step", "plans after step 2", "objects", "MB"];
const cell = (value, text) => (value === undefined ? "" : text(value));
const count = (value) => String(Math.round(value * 100) / 100);

/** A case's rows of cells: one library each. */
export function gpuTable({ title, rows }) {
  return [
    [title, ...head],
    ...rows.map(({ label, ms, times, kernels, plans, buffers, bytes }) => [
      label,
      ...[ms, times.min, times.max].map(digits),
      ...[kernels, plans, buffers].map((value) => cell(value, count)),
      cell(bytes, (value) => (value / 1e6).toFixed(1)),
    ]),
  ];
}

const isSoftware = (name) => /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(name);

/** What the numbers stand for, and which adapter each library had. */
export function gpuTitle({ adapter, browser, results }) {
  const adapters = new Map(results.flatMap(({ rows }) => rows.map(({ label, adapter }) => [label, adapter])));
  const software = [adapter ?? "", ...adapters.values()].some(isSoftware);
  return [
    `Chromium ${browser}, WebGPU adapter: ${adapter ?? "none"}`,
    ...[...adapters].map(([label, adapter]) => `${label}: ${adapter}`),
    ...(software ? ["software adapter: compares overhead, not GPUs"] : []),
  ].join("\n");
}
