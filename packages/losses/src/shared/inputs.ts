import type { TensorLike } from "@downhill/tensor";
import { describe, kindOf, Tensor, tensor } from "@downhill/tensor";
import { checkDomain, nonnegative, signs, unit } from "./domain.js";

/** The prediction as float32. */
export function predictionOf(fn: string, name: string, value: Tensor): Tensor {
  if (value instanceof Tensor) return value.dtype === "float32" ? value : value.cast("float32");
  throw new TypeError(`${fn}: "${name}" expected a tensor, got ${describe(value)}; make one with tensor()`);
}

/** A tensor, or data as a new one; its errors name the argument of the loss. A number becomes data, so that checks can see it. */
export function tensorOf(fn: string, name: string, value: TensorLike, dtype?: "float32"): Tensor {
  if (value instanceof Tensor) return dtype === undefined ? value : value.cast(dtype);
  try {
    return typeof value === "number" ? tensor([value], { shape: [], dtype }) : tensor(value, { dtype });
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replace('tensor: "data"', `${fn}: "${name}"`);
    throw error;
  }
}

/** Throws for a value outside [0, 1], where JavaScript knows the values. */
export function checkProbabilities(fn: string, name: string, x: Tensor, fix = ""): void {
  checkDomain(fn, name, x, unit, fix);
}

/** Throws for a value other than -1 and 1, where JavaScript knows the values. */
export function checkSigns(fn: string, name: string, x: Tensor): void {
  checkDomain(fn, name, x, signs, (value) =>
    value === 0 ? "; turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)" : "",
  );
}

/** Throws for a weight that is negative or not finite, where JavaScript knows it. */
export function checkWeights(fn: string, name: string, x: Tensor): void {
  checkDomain(fn, name, x, nonnegative);
}

/** Throws when the graph says that a softmax or a sigmoid made the prediction. log-softmax passes: it changes no softmax. */
export function refuseProbabilities(fn: string, prediction: Tensor, wanted: string, name = "prediction"): void {
  const kind = kindOf(prediction);
  if (kind !== "probabilities" && kind !== "sigmoid") return;
  const maker = kind === "sigmoid" ? "sigmoid" : "softmax";
  throw new TypeError(
    `${fn}: "${name}" expected ${wanted}, got the output of a ${maker}; remove the ${maker}, the loss applies its own`,
  );
}
