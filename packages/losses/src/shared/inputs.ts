import type { TensorLike } from "@downhill/tensor";
import { describe, hostValues, kindOf, Tensor, tensor } from "@downhill/tensor";

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

// Values never change once they are in a tensor: one look at each is enough, also when it is used in every step.
const seen = { unit: new WeakSet<object>(), sign: new WeakSet<object>(), weight: new WeakSet<object>() };

function check(
  kind: keyof typeof seen,
  x: Tensor,
  right: (value: number) => boolean,
  error: (got: string) => Error,
): void {
  const host = hostValues(x);
  if (host === null || seen[kind].has(host)) return;
  for (let i = 0; i < host.length; i++)
    if (!right(host[i] as number)) throw error(`got ${host[i]}${x.rank === 0 ? "" : ` at position ${i}`}`);
  seen[kind].add(host);
}

/** Throws for a value outside [0, 1], where JavaScript knows the values. */
export function checkProbabilities(fn: string, name: string, x: Tensor, fix = ""): void {
  check(
    "unit",
    x,
    (value) => value >= 0 && value <= 1,
    (got) => new RangeError(`${fn}: "${name}" expected probabilities from 0 to 1, ${got}${fix}`),
  );
}

/** Throws for a value other than -1 and 1, where JavaScript knows the values. */
export function checkSigns(fn: string, name: string, x: Tensor): void {
  check(
    "sign",
    x,
    (value) => value === 1 || value === -1,
    (got) => {
      const fix = / 0( |$)/.test(got) ? "; turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)" : "";
      return new RangeError(`${fn}: "${name}" expected only -1 and 1, ${got}${fix}`);
    },
  );
}

/** Throws for a weight that is negative or not finite, where JavaScript knows it. */
export function checkWeights(fn: string, name: string, x: Tensor): void {
  check(
    "weight",
    x,
    (value) => value >= 0 && value < Number.POSITIVE_INFINITY,
    (got) => new RangeError(`${fn}: "${name}" expected finite numbers of at least 0, ${got}`),
  );
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
