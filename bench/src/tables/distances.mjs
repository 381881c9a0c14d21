import { rivals } from "../rivals.mjs";
import { digits } from "./format.mjs";

/** How far one thread is from the least time that the machine allows: Downhill, or the first library there is. */
export function distancesTable({ libraries, results }) {
  const key = Object.keys(rivals).find((key) => key in libraries);
  const rows = [];
  for (const { title, timings, work, floor } of results) {
    if (!(key in timings) || timings[key].error) continue;
    const { median } = timings[key];
    const perSecond = (amount) => digits(amount / median / 1e6);
    rows.push([
      title,
      digits(median),
      digits(floor.milliseconds),
      floor.setBy,
      digits(median / floor.milliseconds),
      floor.setBy === "flops" ? `${perSecond(work.flops)} GFLOP/s` : `${perSecond(work.bytes)} GB/s`,
    ]);
  }
  if (rows.length === 0) return null;
  return [
    [`${rivals[key].label}, 1 thread`, "ms", "floor ms", "floor set by", "times above the floor", "reached"],
    ...rows,
  ];
}
