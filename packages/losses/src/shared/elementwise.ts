import type { Tensor, TensorLike } from "@downhill/tensor";
import { sameShape } from "@downhill/tensor";
import { predictionOf, tensorOf } from "./inputs.js";
import type { LossOptions, Reduction } from "./options.js";
import { reduceLosses } from "./reduce.js";
import { sampleWeighting } from "./weights.js";

/** Prediction and target of an elementwise loss as float32 tensors of one shape. */
export function pairOf(fn: string, prediction: Tensor, target: TensorLike): [prediction: Tensor, target: Tensor] {
  const p = predictionOf(fn, "prediction", prediction);
  const t = tensorOf(fn, "target", target, "float32");
  sameShape(fn, { prediction: p, target: t });
  return [p, t];
}

/** Applies `sampleWeight` and the reduction to one loss per element. */
export function reduced(fn: string, losses: Tensor, reduction: Reduction, options: LossOptions): Tensor {
  return reduceLosses(losses, reduction, sampleWeighting(fn, options.sampleWeight, losses.shape));
}
