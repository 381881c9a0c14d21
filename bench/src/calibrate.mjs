// Two numbers of the machine itself, taken beside every round: when they move, so does everything else.
import { fingerprint } from "./statistics.mjs";

const from = new Float32Array(8 << 20).fill(1); // 32 MiB, past the caches of most machines
const to = new Float32Array(from.length).fill(2); // written once, so that no copy pays for its pages

/** Bandwidth of a copy (bytes read + written) and speed of a register-only loop of multiply and add. */
export function calibrate() {
  let start = performance.now();
  to.set(from);
  const copyGBs = (2 * from.byteLength) / (performance.now() - start) / 1e6;
  start = performance.now();
  const count = 2_000_000;
  const sum = mulAdd(count, 0.999999);
  const mulAddGFlops = (8 * count) / (performance.now() - start) / 1e6;
  if (!Number.isFinite(sum + fingerprint([to[1]]))) throw new Error("calibrate: unreachable");
  return { copyGBs, mulAddGFlops };
}

function mulAdd(count, factor) {
  let [a, b, c, d] = [1, 2, 3, 4];
  for (let i = 0; i < count; i++) {
    a = a * factor + 0.5;
    b = b * factor + 0.5;
    c = c * factor + 0.5;
    d = d * factor + 0.5;
  }
  return a + b + c + d;
}
