/**
 * The least time for some work on one thread: its bytes at the speed of a copy that has as much in play, or its
 * multiply-adds at the 128-bit peak, whichever takes longer: { milliseconds, setBy, copyGBs, peakGFlops }.
 * `work` is { bytes, flops, footprint }: what must be read and written at least once, what must be computed, and, where
 * something is both read and written, how many bytes there are.
 */
export function floorOf({ bytes, flops, footprint = bytes }, { copies, peakGFlops }) {
  const distance = (rung) => Math.abs(Math.log(rung.bytes / footprint));
  const nearest = copies.reduce((best, rung) => (distance(rung) < distance(best) ? rung : best));
  const copyGBs = nearest.GBs.median;
  const [moving, computing] = [bytes / copyGBs / 1e6, flops / peakGFlops / 1e6];
  return {
    milliseconds: Math.max(moving, computing),
    setBy: computing > moving ? "flops" : "bytes",
    copyGBs,
    peakGFlops,
  };
}
