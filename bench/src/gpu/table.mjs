import { digits } from "../tables/format.mjs";

const head = [
  "ms/step",
  "least",
  "most",
  "kernels/step",
  "issue µs/kernel",
  "graph µs/step",
  "plans",
  "compiles",
  "device objects",
  "arrays",
  "MB",
];
const cell = (value, text) => (value === undefined ? "" : text(value));
const count = (value) => String(Math.round(value * 100) / 100);

/** A case's rows of cells: one library each. */
export function gpuTable({ title, rows }) {
  return [
    [title, ...head],
    ...rows.map(({ label, ms, times, kernels, issue, graph, plans, compiles, objects, buffers, bytes }) => [
      label,
      ...[ms, times.min, times.max].map(digits),
      cell(kernels, count),
      ...[issue, graph].map((value) => cell(value, digits)),
      ...[plans, compiles, objects, buffers].map((value) => cell(value, count)),
      cell(bytes, (value) => (value / 1e6).toFixed(1)),
    ]),
  ];
}

const isSoftware = (name) => /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(name);

/** What the numbers stand for. */
export function gpuTitle({ adapters, browser }) {
  const names = Object.entries(adapters).map(([api, adapter]) => `${api}: ${adapter ?? "none"}`);
  const software = Object.values(adapters).some((adapter) => adapter !== null && isSoftware(adapter));
  return [
    `GPU in Chromium ${browser}`,
    ...names,
    ...(software ? ["!! software adapter: compares overhead, not GPUs"] : []),
  ].join("\n");
}
