import type { Tensor } from "@downhill/tensor";
import { kindOf } from "@downhill/tensor";
import type { Domain } from "./domain.js";
import { checkDomain } from "./domain.js";

/** Up to the rounding of a float32 log-softmax of large logits. */
const atMost0: Domain = {
  expected: "log-probabilities, at most 0",
  has: (value) => value <= 1e-3,
};

/** Throws for what can't be log-probabilities: the output of a softmax or sigmoid, or values above 0, where JavaScript knows them. */
export function checkLogProbabilities(fn: string, name: string, x: Tensor): void {
  const expected = `${fn}: "${name}" expected log-probabilities`;
  const kind = kindOf(x);
  if (kind === "probabilities")
    throw new TypeError(`${expected}, got the output of a softmax; use logSoftmax instead of softmax`);
  if (kind === "sigmoid") throw new TypeError(`${expected}, got the output of a sigmoid; use its logarithm`);
  checkDomain(fn, name, x, atMost0, "; for logits use .logSoftmax() first");
}
