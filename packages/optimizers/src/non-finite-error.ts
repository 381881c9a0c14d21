/** Where a {@link NonFiniteError} comes from. */
export interface NonFiniteDetails {
  /** Which step it was: 0 for the first, as schedules count. */
  readonly step: number;
  /** Name of the first parameter whose gradient is not finite; null when it is the loss. */
  readonly parameter: string | null;
  /** Learning rate of that step. */
  readonly lr: number;
}

/**
 * A gradient or the loss was NaN or infinite, so the step was not taken: parameters and state are as before it.
 *
 * Thrown by `step()` and `minimize()`. Engines that compute later report it in one of the next calls; meanwhile they take no
 * other step. The option `errorIfNonFinite: false` writes whatever comes.
 *
 * @param optimizer - name of the optimizer
 * @param details - `step`, `parameter` and `lr`
 * @example
 * ```ts
 * import { NonFiniteError, SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([0, 4], { name: "weight" });
 * const optimizer = new SGD([weight], { lr: 0.1 });
 * // The derivative of the square root at 0 is infinite.
 * const error = await optimizer.minimize(() => weight.sqrt().sum()).catch((each) => each);
 * error instanceof NonFiniteError; // => true
 * error.parameter; // => "weight"
 * await weight.array(); // => [0, 4]
 * ```
 * @reference `error_if_nonfinite` of PyTorch's clip_grad_norm_, https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html; `apply_if_finite` of Optax, https://optax.readthedocs.io/en/latest/api/transformations.html
 */
export class NonFiniteError extends Error implements NonFiniteDetails {
  /** Always `"NonFiniteError"`. */
  override readonly name = "NonFiniteError";
  /** Which step it was: 0 for the first, as schedules count. */
  readonly step: number;
  /** Name of the first parameter whose gradient is not finite; null when it is the loss. */
  readonly parameter: string | null;
  /** Learning rate of that step. */
  readonly lr: number;

  constructor(optimizer: string, { step, parameter, lr }: NonFiniteDetails) {
    const [what, cause] =
      parameter === null
        ? [
            "a finite loss",
            "often a logarithm of 0, a division by 0, an overflow, NaN in the data, or weights that earlier steps blew up (a lower lr or clipGradNorm helps)",
          ]
        : [
            `a finite gradient of ${JSON.stringify(parameter)}`,
            "often a derivative that is infinite (a square root, norm, logarithm or division at 0, also in the branch that where() does not take), an overflow, or NaN in the data",
          ];
    super(
      `${optimizer}.step: "step" expected ${what}, got NaN or Infinity at step ${step} with lr ${lr}; nothing was written; the cause is ${cause}`,
    );
    this.step = step;
    this.parameter = parameter;
    this.lr = lr;
  }
}
