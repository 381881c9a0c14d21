import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, tensor } from "@downhill/tensor";
import { checkWeights, tensorOf } from "./inputs.js";
import type { Weighting } from "./reduce.js";
import { unweighted } from "./reduce.js";

/** One factor per example: plain numbers where JavaScript knows them, because then their sum costs no kernel. */
export type Factors = ArrayLike<number> | Tensor;

interface SampleWeight {
  /** `[n]` for losses `[n, ...]`, or any longer part of their shape. */
  readonly weight: Tensor;
  readonly host: ArrayLike<number> | null;
  /** Losses per weight. */
  readonly repeat: number;
}

function checked(fn: string, value: TensorLike | undefined, shape: readonly number[]): SampleWeight | null {
  if (value === undefined) return null;
  const weight = tensorOf(fn, "sampleWeight", value, "float32");
  const fits = weight.rank > 0 && weight.rank <= shape.length && weight.shape.every((extent, i) => extent === shape[i]);
  if (!fits)
    throw new RangeError(
      `${fn}: "sampleWeight" expected one weight per sample, ${wanted(shape)}, got shape ${show(weight.shape)}`,
    );
  checkWeights(fn, "sampleWeight", weight);
  const repeat = shape.slice(weight.rank).reduce((extents, extent) => extents * extent, 1);
  return { weight, host: hostValues(weight), repeat };
}

function wanted(shape: readonly number[]): string {
  if (shape.length === 0) return "but there is only one sample";
  return `shape ${shape.map((_, i) => show(shape.slice(0, i + 1))).join(" or ")}`;
}

/** How `sampleWeight` weights losses of this shape. */
export function sampleWeighting(fn: string, value: TensorLike | undefined, shape: readonly number[]): Weighting {
  const sample = checked(fn, value, shape);
  if (sample === null) return unweighted;
  const { weight, host, repeat } = sample;
  return {
    factor: weight.reshape(shape.map((extent, i) => (i < weight.rank ? extent : 1))),
    total: host === null ? weight.sum().mul(repeat) : (sum(host) as number) * repeat,
  };
}

/** `sampleWeight` as one factor per example of this shape. */
export function sampleFactors(fn: string, value: TensorLike | undefined, shape: readonly number[]): Factors | null {
  const sample = checked(fn, value, shape);
  if (sample === null) return null;
  const { weight, host, repeat } = sample;
  if (host !== null)
    return Array.from({ length: host.length * repeat }, (_, i) => host[Math.floor(i / repeat)] as number);
  return weight.reshape(shape.map((extent, i) => (i < weight.rank ? extent : 1))).expand(shape);
}

/** The product of factors of examples in this shape; null stands for none. */
export function product(shape: readonly number[], left: Factors | null, right: Factors | null): Factors | null {
  if (left === null || right === null) return left ?? right;
  if (isHost(left) && isHost(right)) return Array.from(left, (value, i) => value * (right[i] as number));
  return asTensor(left, shape).mul(asTensor(right, shape));
}

/** 1 for what is not 0, else 0. */
export function presence(x: Tensor): Factors {
  const host = hostValues(x);
  return host === null ? x.cast("bool").cast("float32") : Array.from(host, (value) => Number(value !== 0));
}

/** How the factors of examples weight their losses; the mean divides by the sum of these times `also`. */
export function weightingOf(shape: readonly number[], factors: Factors | null, also: Factors | null = null): Weighting {
  const counted = product(shape, factors, also);
  return {
    factor: factors === null ? null : asTensor(factors, shape),
    total: counted === null ? null : sum(counted),
  };
}

/** The sum of factors. */
export function sum(factors: Factors): number | Tensor {
  if (!isHost(factors)) return factors.sum();
  let total = 0;
  for (let i = 0; i < factors.length; i++) total += factors[i] as number;
  return total;
}

/** Factors as a tensor of this shape. */
export function asTensor(factors: Factors, shape: readonly number[]): Tensor {
  return isHost(factors) ? tensor(Float64Array.from(factors), { shape }) : factors;
}

/** Whether JavaScript knows the factors. */
export function isHost(factors: Factors): factors is ArrayLike<number> {
  return "length" in factors;
}

/** A factor per element from what broadcasts to `shape`: PyTorch's `weight` and `pos_weight` of the binary losses. */
export function elementWeight(fn: string, name: string, value: TensorLike, shape: readonly number[]): Tensor {
  const weight = tensorOf(fn, name, value, "float32");
  const offset = shape.length - weight.rank;
  const fits = offset >= 0 && weight.shape.every((extent, i) => extent === 1 || extent === shape[i + offset]);
  if (!fits)
    throw new RangeError(
      `${fn}: "${name}" expected a shape that broadcasts to that of "prediction" ${show(shape)}, got ${show(weight.shape)}`,
    );
  checkWeights(fn, name, weight);
  // In the full shape the gradient has it too, and stays in the kernel of the loss.
  return weight.expand(shape);
}

/** `[2, 3]`, the way errors print a shape. */
export function show(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
