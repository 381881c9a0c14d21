// Plain gradient descent, written the way an optimizer is.
import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll } from "@downhill/tensor";

/** Moves the parameters against their gradients and uses these up. */
export function step(params: readonly Parameter[], lr = 0.1): Promise<void> {
  const writes = params.map((p) => [p, p.sub((p.grad as Tensor).mul(lr))] as const);
  return assignAll(writes, { consumed: params });
}

/** Forgets the gradients. */
export function zeroGrad(params: readonly Parameter[]): void {
  for (const p of params) p.grad = null;
}
