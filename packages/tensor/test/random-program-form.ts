// What random programs build, each operation with its derivatives.
import type { Tensor } from "@downhill/tensor";
import { noGrad } from "@downhill/tensor";

/** Elements of a cell. */
export const width = 3;
/** Cells that have a gradient. */
export const trainable = 3;

/** A value, with its derivatives with respect to the trainable cells as they were: a row of `trainable * width` per element. */
export interface Known {
  readonly values: readonly number[];
  readonly slopes: readonly (readonly number[])[];
}
export interface Item extends Known {
  readonly x: Tensor;
  readonly text: string;
  /** Versions that must still be there to compute it. */
  readonly reads: Map<number, number>;
  /** All versions in its graph. */
  readonly touches: Map<number, number>;
  /** Versions that a gradient would be taken for. */
  readonly tracks: Map<number, number>;
  /** Items whose graph is part of this one. */
  readonly below: Set<Item>;
  /** Its value is known to the engine for ever. */
  done: boolean;
  /** Its graph was let go of: it can't be differentiated any more. */
  cut: boolean;
}

export const constant = (): number[][] =>
  Array.from({ length: width }, () => new Array<number>(trainable * width).fill(0));

/** What an action builds: its text, what it is built of, and its value twice. */
interface Form {
  readonly text: string;
  readonly parts: readonly Item[];
  readonly make: () => Tensor;
  readonly known: Known;
  /** Whether a gradient flows through it. */
  readonly tracked: boolean;
}

type OfTwo = (x: number, y: number) => number;

/** One of seven operations on two items. */
export function formOf(p: Item, q: Item, choice: number): Form {
  const form = (text: string, parts: readonly Item[], make: () => Tensor, known: Known, tracked = true): Form => ({
    text,
    parts,
    make,
    known,
    tracked,
  });
  const zip = (f: OfTwo, dx: OfTwo, dy: OfTwo): Known => ({
    values: p.values.map((x, i) => f(x, q.values[i] as number)),
    slopes: p.slopes.map((row, i) => {
      const [x, y] = [p.values[i] as number, q.values[i] as number];
      return row.map((slope, j) => dx(x, y) * slope + dy(x, y) * (q.slopes[i]?.[j] as number));
    }),
  });
  const by = ((choice % 5) - 2) / 2;
  switch (choice % 7) {
    case 0:
      return form(
        `${p.text} + ${q.text}`,
        [p, q],
        () => p.x.add(q.x),
        zip(
          (x, y) => x + y,
          () => 1,
          () => 1,
        ),
      );
    case 1:
      return form(
        `${p.text} * ${q.text}`,
        [p, q],
        () => p.x.mul(q.x),
        zip(
          (x, y) => x * y,
          (_, y) => y,
          (x) => x,
        ),
      );
    case 2:
      return form(
        `tanh(${p.text})`,
        [p],
        () => p.x.tanh(),
        zip(
          (x) => Math.tanh(x),
          (x) => 1 - Math.tanh(x) ** 2,
          () => 0,
        ),
      );
    case 3:
      return form(
        `${p.text} * ${by}`,
        [p],
        () => p.x.mul(by),
        zip(
          (x) => x * by,
          () => by,
          () => 0,
        ),
      );
    case 4: {
      const sum = p.values.reduce((s, v) => s + v, 0);
      const total = constant()[0]?.map((_, j) => p.slopes.reduce((s, row) => s + (row[j] as number), 0)) as number[];
      const known = {
        values: q.values.map((y) => sum - y),
        slopes: q.slopes.map((row) => row.map((slope, j) => (total[j] as number) - slope)),
      };
      return form(`sum(${p.text}) - ${q.text}`, [p, q], () => p.x.sum({ keepDims: true }).sub(q.x), known);
    }
    case 5:
      return form(
        `detach(${p.text}) - 0.5`,
        [p],
        () => p.x.detach().sub(0.5),
        { values: p.values.map((x) => x - 0.5), slopes: constant() },
        false,
      );
    default:
      return form(
        `noGrad(${p.text} * 2)`,
        [p],
        () => noGrad(() => p.x.mul(2)),
        { values: p.values.map((x) => 2 * x), slopes: constant() },
        false,
      );
  }
}
