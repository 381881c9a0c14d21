import { describe, expect, it } from "vitest";
import {
  expectClose,
  kernels,
  output,
  put,
  random,
  randomFloats,
  readFloats,
  readInts,
  reset,
  words,
  writeWord,
} from "./wasm.js";

interface Problem {
  m: number;
  n: number;
  k: number;
  batch?: number;
  /** Stored transposed. */
  aT?: boolean;
  bT?: boolean;
  /** One B for all batches. */
  shareB?: boolean;
  /** Element distance between neighbours of the inner axis. */
  gap?: number;
}

const next = random(7);
const PREPACKED = -1;

function setUp({ m, n, k, batch = 1, aT = false, bT = false, shareB = false, gap = 1 }: Problem) {
  reset();
  const a = randomFloats(next, batch * m * k * gap);
  const b = randomFloats(next, (shareB ? 1 : batch) * k * n * gap);
  const aRow = aT ? gap : k * gap;
  const aCol = aT ? m * gap : gap;
  const bRow = bT ? gap : n * gap;
  const bCol = bT ? k * gap : gap;
  const bBatch = shareB ? 0 : k * n * gap;
  const c = output(batch * m * n);
  const viewCell = words(0);
  const packedB = output((kernels.packedBBytes!(k, n) * batch) / 4);
  const packedA = output(kernels.packedABytes!(m, k) / 4);
  const cells = [put(a), put(b), c.at, packedB.at, packedA.at].map((at) => words(at));
  const block = words(
    ...[m, n, k, cells[0]!, aRow * 4, aCol * 4, m * k * gap * 4, cells[1]!, bRow * 4, bCol * 4, bBatch * 4],
    ...[cells[2]!, n * 4, cells[3]!, cells[4]!, batch * m, 0, viewCell, 0],
  );
  const want = new Float64Array(batch * m * n);
  const bound = new Float64Array(batch * m * n);
  for (let i = 0; i < batch; i++) {
    for (let r = 0; r < m; r++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let size = 0;
        for (let q = 0; q < k; q++) {
          const term = a[i * m * k * gap + r * aRow + q * aCol]! * b[i * bBatch + q * bRow + j * bCol]!;
          sum += term;
          size += Math.abs(term);
        }
        want[(i * m + r) * n + j] = sum;
        bound[(i * m + r) * n + j] = size * 3e-6;
      }
    }
  }
  const checkWrites = (): void => {
    for (const buffer of [c, packedB, packedA]) buffer.check();
  };
  return { block, c, checkWrites, want, bound, viewCell, cCell: cells[2]!, rows: batch * m, size: batch * m * n };
}

function check(problem: Problem): void {
  const { block, c, checkWrites, want, bound, rows, size } = setUp(problem);
  kernels.matmulRows!(block, 0, rows);
  expectClose(readFloats(c.at, size), want, bound, JSON.stringify(problem));
  checkWrites();
}

describe("matmulRows", () => {
  const edges = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33];

  it("is right around every tile edge, for all four layouts", () => {
    let layout = 0;
    for (const m of edges) {
      for (const n of edges) {
        for (const k of [0, ...edges]) {
          layout++;
          check({ m, n, k, aT: (layout & 1) > 0, bT: (layout & 2) > 0 });
        }
      }
    }
  });

  it.each<Problem>([
    { m: 0, n: 3, k: 2 },
    { m: 3, n: 0, k: 2 },
    { m: 5, n: 7, k: 0, batch: 2 },
    { m: 131, n: 10, k: 784 },
    { m: 131, n: 65, k: 520, aT: true },
    { m: 259, n: 9, k: 3, bT: true },
    { m: 4, n: 70, k: 1030, bT: true },
    { m: 1, n: 131, k: 515 },
    { m: 2, n: 37, k: 130, bT: true },
    { m: 3, n: 37, k: 30, aT: true, bT: true },
    { m: 37, n: 1, k: 515 },
    { m: 37, n: 1, k: 30, aT: true, bT: true },
    { m: 6, n: 11, k: 13, batch: 3 },
    { m: 6, n: 11, k: 13, batch: 3, shareB: true, aT: true },
    { m: 1, n: 11, k: 13, batch: 3, bT: true },
    { m: 9, n: 1, k: 13, batch: 2, aT: true },
    { m: 13, n: 21, k: 17, batch: 2, gap: 3 },
    { m: 2, n: 21, k: 17, gap: 2 },
    { m: 9, n: 1, k: 17, gap: 2, bT: true },
  ])("is right for %j", check);

  it("reads flipped operands through negative strides", () => {
    const { block, c, rows, size, want, bound } = setUp({ m: 9, n: 13, k: 11 });
    // Flipping the contracted axis of both operands changes nothing.
    const view = readInts(block, 11);
    writeWord(view[3]!, readInts(view[3]!, 1)[0]! + 10 * 4);
    writeWord(block + 20, -4);
    writeWord(view[7]!, readInts(view[7]!, 1)[0]! + 10 * 13 * 4);
    writeWord(block + 32, -13 * 4);
    kernels.matmulRows!(block, 0, rows);
    expectClose(readFloats(c.at, size), want, bound, "flipped");
  });

  it.each<Problem>([
    { m: 150, n: 19, k: 600 },
    { m: 5, n: 9, k: 4, batch: 4 },
    { m: 3, n: 40, k: 21, batch: 3 },
    { m: 50, n: 1, k: 21, bT: true },
  ])("gives the same bits however the rows of %j are cut", (problem) => {
    const { block, c, rows, size } = setUp(problem);
    kernels.matmulRows!(block, 0, rows);
    const whole = readFloats(c.at, size);
    for (const step of [1, 3, 7, 64]) {
      writeWord(block + 72, 0);
      for (let r = 0; r < rows; r += step) kernels.matmulRows!(block, r, Math.min(rows, r + step));
      expect(readFloats(c.at, size)).toEqual(whole);
    }
    writeWord(block + 72, 0);
    for (let r = rows - 1; r >= 0; r--) kernels.matmulRows!(block, r, r + 1);
    expect(readFloats(c.at, size)).toEqual(whole);
  });

  it.each([true, false])("uses B packed beforehand (shared by all batches: %s)", (shareB) => {
    const problem = { m: 6, n: 29, k: 700, batch: 3, shareB };
    const { block, c, checkWrites, rows, size, want, bound } = setUp(problem);
    const panels = Math.ceil(problem.n / 8) * (shareB ? 1 : problem.batch);
    for (let p = 0; p < panels; p += 3) kernels.packB!(block, p, Math.min(panels, p + 3));
    writeWord(block + 72, PREPACKED);
    for (let r = 0; r < rows; r += 5) kernels.matmulRows!(block, r, Math.min(rows, r + 5));
    expectClose(readFloats(c.at, size), want, bound, "prepacked");
    checkWrites();
  });

  it("writes chunks into scratch and leaves the base that makes row numbers absolute", () => {
    const n = 11;
    const { block, want, bound, rows, viewCell, cCell } = setUp({ m: 20, n, k: 6 });
    const chunk = output(8 * n);
    writeWord(cCell, chunk.at);
    writeWord(block + 64, 1);
    for (let r = 0; r < rows; r += 8) {
      const end = Math.min(rows, r + 8);
      kernels.matmulRows!(block, r, end);
      expect(readInts(viewCell, 1)[0]! + r * n * 4).toBe(chunk.at);
      expectClose(
        readFloats(chunk.at, (end - r) * n),
        want.subarray(r * n, end * n),
        bound.subarray(r * n, end * n),
        "chunk",
      );
      chunk.check();
    }
  });
});
