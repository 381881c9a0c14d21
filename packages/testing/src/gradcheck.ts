import type { NestedArray, Tensor } from "@downhill/tensor";
import { grad, tensor } from "@downhill/tensor";
import type { Numbers } from "./close.js";
import { flat } from "./close.js";
import { onEngine } from "./engines.js";

/** What a tensor of the check is made from. */
export interface Input {
  readonly values: readonly number[];
  readonly shape: readonly number[];
}

/** Nested arrays as one list and a shape. */
export function inputOf(data: number | NestedArray): Input {
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  return { values: flat(data as Numbers), shape };
}

/**
 * Compares the gradient of `f` (tensors to a scalar) with central differences, in float64 on the reference engine. Inputs that
 * sit on a kink or at the edge of the domain are moved off it first. Throws an Error that names the input and both slopes.
 */
export function gradcheck(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Input[], relative = 1e-5): void {
  onEngine("reference", () => {
    const points = inputs.map(({ values }) => [...values]);
    const tensors = (): Tensor[] => points.map((values, i) => tensor(values, { shape: inputs[i]?.shape }));
    const value = (): number => f(...tensors()).itemSync();
    // Moving one input may bring another to a kink (where their sum is one): look again.
    for (let round = 0; round < 4 && moveOffKinks(value, points); round++);
    const gradients = grad(f, { argnums: inputs.map((_, i) => i) })(...tensors());
    points.forEach((values, i) => {
      const slopes = flat(gradients[i]?.arraySync() as Numbers);
      values.forEach((_, j) => {
        const { central, noise } = differences(value, values, j);
        const slope = slopes[j] as number;
        if (Math.abs(slope - central) <= relative * Math.max(1, Math.abs(central)) + noise) return;
        throw new Error(
          `gradient of input ${i} at position ${j} (${values[j]}): got ${slope}, central differences give ${central}`,
        );
      });
    });
  });
}

interface Differences {
  readonly left: number;
  readonly right: number;
  readonly central: number;
  /** Rounding error of the three. */
  readonly noise: number;
}

function differences(value: () => number, values: number[], j: number): Differences {
  const x = values[j] as number;
  const step = 1e-6 * Math.max(1, Math.abs(x));
  const at = (place: number): number => {
    values[j] = place;
    try {
      return value();
    } catch (error) {
      // A function may refuse what is outside its domain.
      if (error instanceof RangeError) return Number.NaN;
      throw error;
    }
  };
  const [below, here, above] = [at(x - step), at(x), at(x + step)];
  values[j] = x;
  const noise = (2e-15 * Math.max(Math.abs(below), Math.abs(here), Math.abs(above))) / step;
  return { left: (here - below) / step, right: (above - here) / step, central: (above - below) / (2 * step), noise };
}

/** Moves every input whose left and right slopes differ; true when one did. */
function moveOffKinks(value: () => number, points: readonly number[][]): boolean {
  let moved = false;
  for (const values of points)
    for (let j = 0; j < values.length; j++) {
      const x = values[j] as number;
      if (isSmooth(differences(value, values, j))) continue;
      moved = true;
      const shift = 0.01 * (1 + (j % 7) / 7) * Math.max(1, Math.abs(x));
      values[j] = x + shift;
      if (!isSmooth(differences(value, values, j))) values[j] = x - shift;
    }
  return moved;
}

function isSmooth({ left, right, noise }: Differences): boolean {
  if (!Number.isFinite(left) || !Number.isFinite(right)) return false;
  return Math.abs(left - right) <= 1e-3 * Math.max(1, Math.abs(left), Math.abs(right)) + 4 * noise;
}
