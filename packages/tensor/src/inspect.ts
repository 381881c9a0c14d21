import type { HostArray } from "./dtype.js";
import type { Node } from "./node.js";
import { Tag } from "./node.js";
import { measure as measureOf } from "./ops/movement.js";
import { currentLauncher } from "./runtime/engines.js";
import type { Profile } from "./runtime/launch.js";
import { Tensor } from "./tensor.js";

/** What produced the values of a tensor, as far as the graph knows. */
export type ValueKind = "probabilities" | "logProbabilities" | "sigmoid";

/**
 * What produced the values of a tensor: losses use it to refuse probabilities where they expect logits. Known directly
 * behind `softmax`, `logSoftmax`, `sigmoid` and through reshapes; anything else gives null.
 *
 * @param x - the tensor
 * @example
 * import { kindOf, tensor } from "@downhill/tensor";
 * kindOf(tensor([1, 2]).softmax()); // => "probabilities"
 * kindOf(tensor([1, 2])); // => null
 */
export function kindOf(x: Tensor): ValueKind | null {
  const { tag } = x.node;
  if (tag === Tag.softmax) return "probabilities";
  if (tag === Tag.logProbability) return "logProbabilities";
  return tag === Tag.sigmoid ? "sigmoid" : null;
}

/**
 * The values of a tensor that was made from JavaScript data (or was read before), without computing anything; null for
 * others. For checks of labels; not to be changed.
 *
 * @param x - the tensor
 * @example
 * import { hostValues, tensor } from "@downhill/tensor";
 * hostValues(tensor([1, 2]))?.length; // => 2
 * hostValues(tensor([1, 2]).exp()); // => null
 */
export function hostValues(x: Tensor): HostArray | null {
  let node: Node = x.node;
  while (node.value === null && node.op.kind === "alias" && node.a !== null) node = node.a;
  return node.value?.host ?? null;
}

/**
 * The same values, but asking for their gradient with respect to `source` throws an Error with this text: for measures
 * such as accuracy, which look like losses and can't be trained on.
 *
 * @param x - the value of the measure
 * @param source - the prediction that it was computed from
 * @param reason - what the error says
 * @example
 * import { measure, parameter } from "@downhill/tensor";
 * const score = parameter([0.2, -1]);
 * const positive = measure(score.greater(0).mean(), score, "share: has no useful gradient");
 * await positive.item(); // => 0.5
 * positive.backward(); // throws Error: share: has no useful gradient
 */
export function measure(x: Tensor, source: Tensor, reason: string): Tensor {
  return new Tensor(measureOf(x.node, source.node, reason));
}

/**
 * Where time went since the engine started: launches, plans made, kernels run, and milliseconds in keying, planning, copies
 * and kernels. The rest of a step is building its graph.
 *
 * @returns a copy of the counters of the current engine
 * @example
 * import { profile, tensor } from "@downhill/tensor";
 * const before = profile().launches;
 * await tensor([1, 2]).exp().data();
 * profile().launches - before; // => 1
 */
export function profile(): Profile {
  return { ...currentLauncher().profile };
}
