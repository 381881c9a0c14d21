import { hostValues, type Tensor, type TensorLike, tensor } from "@downhill/tensor";
import { checkWeights, tensorOf } from "./inputs.js";

/** One factor per example: plain numbers where JavaScript knows them, because then their sum costs no kernel. */
export type Factors = ArrayLike<number> | Tensor;

/** Sample weights, ready to be multiplied with losses of some shape. */
export interface SampleWeights {
  /** Broadcasts to the losses. */
  readonly factor: Tensor;
  /** Sum of the factors over all losses. */
  readonly total: number | Tensor;
}

/** The sample weights for losses of this shape; null when there are none. */
export function sampleWeights(
  fn: string,
  value: TensorLike | undefined,
  shape: readonly number[],
): SampleWeights | null {
  if (value === undefined) return null;
  const weight = tensorOf(fn, "sampleWeight", value, "float32");
  const fits = weight.rank > 0 && weight.rank <= shape.length && weight.shape.every((extent, i) => extent === shape[i]);
  if (!fits)
    throw new RangeError(
      `${fn}: "sampleWeight" expected one weight per sample, ${leading(shape)}, got shape ${show(weight.shape)}`,
    );
  checkWeights(fn, "sampleWeight", weight);
  const host = hostValues(weight);
  const repeat = shape.slice(weight.rank).reduce((product, extent) => product * extent, 1);
  const factor = weight.reshape([...weight.shape, ...shape.slice(weight.rank).map(() => 1)]);
  return { factor, total: host === null ? weight.sum().mul(repeat) : sum(host) * repeat };
}

function leading(shape: readonly number[]): string {
  if (shape.length === 0) return "but there is a single one: leave it out";
  return `shape ${shape.map((_, i) => show(shape.slice(0, i + 1))).join(" or ")}`;
}

/** The product of factors of examples in this shape; null when there are none. */
export function product(shape: readonly number[], ...parts: readonly (Factors | null)[]): Factors | null {
  return parts.reduce((left, right) => {
    if (left === null || right === null) return left ?? right;
    if (isHost(left) && isHost(right)) return Array.from(left, (value, i) => value * (right[i] as number));
    return asTensor(left, shape).mul(asTensor(right, shape));
  }, null);
}

/** Their sum. */
export function sum(factors: Factors): number | Tensor {
  if (!isHost(factors)) return factors.sum();
  let total = 0;
  for (let i = 0; i < factors.length; i++) total += factors[i] as number;
  return total;
}

export function asTensor(factors: Factors, shape: readonly number[]): Tensor {
  return isHost(factors) ? tensor(Float64Array.from(factors), { shape }) : factors;
}

function isHost(factors: Factors): factors is ArrayLike<number> {
  return "length" in factors;
}

/** A factor per element that broadcasts to `shape`: PyTorch's `weight` and `pos_weight` of the binary losses. */
export function elementWeight(fn: string, name: string, value: TensorLike, shape: readonly number[]): Tensor {
  const weight = tensorOf(fn, name, value, "float32");
  const offset = shape.length - weight.rank;
  const fits = offset >= 0 && weight.shape.every((extent, i) => extent === 1 || extent === shape[i + offset]);
  if (!fits)
    throw new RangeError(
      `${fn}: "${name}" expected a shape that broadcasts to that of "prediction" ${show(shape)}, got ${show(weight.shape)}`,
    );
  checkWeights(fn, name, weight);
  return weight;
}

export function show(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
