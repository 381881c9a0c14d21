import { describe, expect, it } from "vitest";
import { kernels, output, put, random, readInts, reset, words } from "./wasm.js";

const next = random(17);
const pick = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
const pad8 = (values: readonly number[]): number[] => [...values, ...Array<number>(8 - values.length).fill(0)];

/** Every index of a shape, in row-major order. */
function* indices(dims: readonly number[]): Generator<number[]> {
  if (dims.length === 0) {
    yield [];
    return;
  }
  for (const rest of indices(dims.slice(0, -1))) for (let i = 0; i < dims.at(-1)!; i++) yield [...rest, i];
}

function contiguous(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * dims[i + 1]!;
  return strides;
}

const place = (index: readonly number[], strides: readonly number[]): number =>
  index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);

/** Copies with the given strides (in elements) and compares with single steps. */
function check(
  dims: readonly number[],
  dst: readonly number[],
  dstAt: number,
  dstSize: number,
  src: readonly number[],
  srcAt: number,
  srcSize: number,
): void {
  reset();
  const from = put(
    Int32Array.from({ length: srcSize }, (_, i) => i + 1),
    true,
  );
  const out = output(dstSize);
  const want = readInts(out.at, dstSize);
  for (const index of indices(dims)) want[dstAt + place(index, dst)] = 1 + srcAt + place(index, src);
  const bytes = (strides: readonly number[]): number[] => pad8(strides.map((s) => s * 4));
  const block = words(dims.length, ...pad8(dims), ...bytes(dst), ...bytes(src));
  const rows = dims[0] ?? 1;
  const cut = pick(0, rows);
  if (dims.length === 0) kernels.stridedCopy!(out.at + dstAt * 4, from + srcAt * 4, block, 0, 1);
  else
    for (const [a, b] of [
      [0, cut],
      [cut, rows],
    ] as const)
      kernels.stridedCopy!(out.at + dstAt * 4, from + srcAt * 4, block, a, b);
  expect(readInts(out.at, dstSize), JSON.stringify({ dims, dst, src })).toEqual(want);
  out.check();
}

const size = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

describe("stridedCopy", () => {
  it("transposes planes of every size around the 4x4 block", () => {
    for (let r = 1; r < 18; r++) for (let c = 1; c < 18; c++) check([c, r], [r, 1], 0, r * c, [1, c], 0, r * c);
  });

  it("permutes, flips, expands and slices", () => {
    for (let i = 0; i < 400; i++) {
      const rank = pick(0, 5);
      const shape = Array.from({ length: rank }, () => pick(i % 10 === 0 ? 0 : 1, 6));
      if (rank > 0 && i % 3 === 0) shape[rank - 1] = pick(14, 21);
      const strides = contiguous(shape);
      const order = shape.map((_, axis) => axis);
      for (let a = rank - 1; a > 0; a--) {
        const b = pick(0, a);
        [order[a], order[b]] = [order[b]!, order[a]!];
      }
      const dims = order.map((axis) => shape[axis]!);
      const src = order.map((axis) => strides[axis]!);
      let at = 0;
      for (let axis = 0; axis < rank; axis++) {
        const kind = pick(0, 4);
        if (kind === 0 && dims[axis]! > 0) {
          at += (dims[axis]! - 1) * src[axis]!;
          src[axis] = -src[axis]!;
        } else if (kind === 1) {
          src[axis] = 0;
        } else if (kind === 2 && dims[axis]! > 1) {
          at += src[axis]!;
          dims[axis] = dims[axis]! - 1;
        }
      }
      check(dims, contiguous(dims), 0, size(dims), src, size(dims) > 0 ? at : 0, size(shape));
    }
  });

  it("writes into the middle of a larger array, leaving the rest alone", () => {
    for (let i = 0; i < 200; i++) {
      const dims = Array.from({ length: pick(1, 4) }, () => pick(1, 7));
      if (i % 2) dims[dims.length - 1] = pick(14, 21);
      const before = dims.map(() => pick(0, 2));
      const whole = dims.map((d, axis) => d + before[axis]! + pick(0, 2));
      const strides = contiguous(whole);
      check(dims, strides, place(before, strides), size(whole), contiguous(dims), 0, size(dims));
    }
  });

  it("takes rank 8", () => {
    const dims = [2, 1, 3, 2, 1, 2, 2, 3];
    const shape = [...dims].reverse();
    check(dims, contiguous(dims), 0, size(dims), contiguous(shape).reverse(), 0, size(dims));
  });
});

describe("fill", () => {
  it("writes exactly the elements asked for", () => {
    for (let n = 0; n < 20; n++) {
      reset();
      const out = output(n);
      kernels.fill!(out.at, 0x3f800000, n);
      expect(readInts(out.at, n)).toEqual(new Int32Array(n).fill(0x3f800000));
      out.check();
    }
  });
});
