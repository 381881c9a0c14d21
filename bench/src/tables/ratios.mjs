import { rivals } from "../rivals.mjs";
import { summarize } from "../statistics.mjs";
import { digits } from "./format.mjs";

/** Downhill's time divided by PyTorch's; undefined unless both ran. */
const ratioOf = ({ timings: { downhill, pytorch } }) => {
  const ratio = downhill?.median / pytorch?.median;
  return Number.isFinite(ratio) ? ratio : undefined;
};

/** Milliseconds of Downhill and the others on one thread, the part of PyTorch's time, and the kernels of a step. */
export function ratiosTable({ heading, results }, libraries) {
  const measured = (key) => key in libraries && results.some(({ timings }) => key in timings);
  const others = Object.keys(rivals).filter((key) => !["downhill", "pytorch"].includes(key) && measured(key));
  const time = (timing) => (timing === undefined ? "" : timing.error ? "fails" : digits(timing.median));
  const rows = results.map((result) => {
    const { title, timings } = result;
    const ratio = ratioOf(result);
    const kernels = timings.downhill?.profile?.launched;
    return [
      title,
      time(timings.downhill),
      time(timings.pytorch),
      ratio === undefined ? "" : ratio.toFixed(2),
      ...others.map((key) => time(timings[key])),
      kernels === undefined ? "" : String(kernels),
    ];
  });
  const names = others.map((key) => rivals[key].label);
  return [[`${heading}, ms`, "Downhill", "PyTorch", "Downhill / PyTorch", ...names, "kernels"], ...rows];
}

/** Median and worst part of PyTorch's time, and which cases are past the mark; null where nothing can be compared. */
export function ratiosLine({ mark, results }) {
  const ratios = results
    .map((result) => ({ title: result.title, ratio: ratioOf(result) }))
    .filter(({ ratio }) => ratio !== undefined)
    .sort((a, b) => b.ratio - a.ratio);
  if (ratios.length === 0) return null;
  const [worst] = ratios;
  const { median } = summarize(ratios.map(({ ratio }) => ratio));
  const line = `Downhill / PyTorch: median ${median.toFixed(2)}, worst ${worst.ratio.toFixed(2)} (${worst.title}).`;
  if (mark === undefined) return line;
  const past = ratios.filter(({ ratio }) => ratio > mark).map(({ title, ratio }) => `${title} ${ratio.toFixed(2)}`);
  return `${line} The mark is ${mark}: ${past.length === 0 ? "all are within" : `past it are ${past.join("; ")}`}.`;
}
