// How fast one thread copies, by the size of what it works on: data that fit a cache stream faster than those from memory.
const largest = 128 << 20;
/** Bytes in play, source and target together. */
const rungs = [];
for (let bytes = 64 << 10; bytes <= largest; bytes *= 2) rungs.push(bytes);
/** Bytes moved before the clock is read: enough for its ticks. */
const enough = 8 << 20;
/** Tries in one reading; the fastest counts, as another program takes the core for a while now and then. */
const tries = 3;

/** A function that measures every rung once: [{ bytes, GBs }], GBs counts the bytes read and the bytes written. */
export function copyLadder() {
  const from = new Float32Array(largest / 8).fill(1);
  const to = new Float32Array(from.length).fill(2); // written once, so that no copy pays for its pages
  const GBs = (bytes) => {
    const source = from.subarray(0, bytes / 8);
    const target = to.subarray(0, bytes / 8);
    const times = Math.max(1, enough / bytes);
    const start = performance.now();
    for (let i = 0; i < times; i++) target.set(source);
    return (bytes * times) / (performance.now() - start) / 1e6;
  };
  // The first try of a rung also brings its data into the cache that they fit.
  return () => rungs.map((bytes) => ({ bytes, GBs: Math.max(...Array.from({ length: tries }, () => GBs(bytes))) }));
}
