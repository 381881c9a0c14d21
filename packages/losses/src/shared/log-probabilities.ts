import type { Tensor } from "@downhill/tensor";
import { hostValues, kindOf } from "@downhill/tensor";

/** Rounding of a float32 log-softmax of large logits. */
const slack = 1e-3;

/** Throws for what can't be log-probabilities: the output of a softmax or sigmoid, or values above 0, where JavaScript knows them. */
export function checkLogProbabilities(fn: string, name: string, x: Tensor): void {
  const expected = `${fn}: "${name}" expected log-probabilities`;
  const kind = kindOf(x);
  if (kind === "probabilities")
    throw new TypeError(`${expected}, got the output of a softmax; use logSoftmax instead of softmax`);
  if (kind === "sigmoid") throw new TypeError(`${expected}, got the output of a sigmoid; use its logarithm`);
  const host = hostValues(x);
  if (host === null) return;
  for (let i = 0; i < host.length; i++)
    if (!((host[i] as number) <= slack))
      throw new RangeError(
        `${expected}, at most 0, got ${host[i]}${x.rank === 0 ? "" : ` at position ${i}`}; for logits use .logSoftmax() first`,
      );
}
