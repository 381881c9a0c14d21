import { rivals } from "../rivals.mjs";
import { digits } from "./format.mjs";

/** Milliseconds of every library on one thread, and how many times as long as Downhill; empty where it has no such case. */
export function timesTable({ libraries, results }) {
  if (results.length === 0) return null;
  const keys = Object.keys(rivals).filter((key) => key in libraries);
  const rows = results.map(({ title, timings }) => {
    const ours = timings.downhill?.median;
    return [
      title,
      ...keys.map((key) => {
        if (!(key in timings)) return "";
        const { error, median, note } = timings[key];
        if (error) return "fails";
        const ratio = key === "downhill" || ours === undefined ? "" : ` (${digits(median / ours)}×)`;
        return `${digits(median)}${ratio}${note ? ` ${note}` : ""}`;
      }),
    ];
  });
  return [["ms", ...keys.map((key) => rivals[key].label)], ...rows];
}
