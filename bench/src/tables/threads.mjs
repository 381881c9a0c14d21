import { rivals } from "../rivals.mjs";
import { digits } from "./format.mjs";

/** One thread beside several, for the libraries that ran on several. */
export function threadsTable({ threads, results }) {
  const measured = results.filter(({ threaded }) => Object.keys(threaded).length > 0);
  if (measured.length === 0) return null;
  const keys = Object.keys(rivals).filter((key) => measured.some(({ threaded }) => key in threaded));
  const both = keys.includes("downhill") && keys.includes("pytorch");
  const head = keys.flatMap((key) => [rivals[key].label, `×${threads}`, "speed-up"]);
  const rows = measured.map(({ title, timings, threaded }) => [
    title,
    ...keys.flatMap((key) => {
      const [one, several] = [timings[key].median, threaded[key].median];
      return [cell(one), cell(several), cell(one / several)];
    }),
    ...(both ? [cell(threaded.downhill.median / threaded.pytorch.median)] : []),
  ]);
  return [[`ms on 1 and ${threads} threads`, ...head, ...(both ? [`Downhill / PyTorch, ×${threads}`] : [])], ...rows];
}

/** A library that failed has no median. */
const cell = (value) => (Number.isFinite(value) ? digits(value) : "fails");
