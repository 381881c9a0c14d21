import type { Layer } from "@downhill/tensor";
import { describe, Tensor } from "@downhill/tensor";

/** A number to look at: `(prediction, target) => scalar`; the mean over the examples of a batch. */
export type Metric = (prediction: Tensor, target: Tensor) => Tensor;

/** A number to make small: `(prediction, target) => scalar`, such as the losses of `@downhill/losses`. */
export type LossFunction = (prediction: Tensor, target: Tensor) => Tensor;

/** Throws unless `model` can be called. */
export function checkModel(fn: string, model: Layer): void {
  if (typeof model?.forward === "function") return;
  const fix = typeof model === "function" ? "; make one with new" : "";
  throw new TypeError(`${fn}: "model" expected a layer with a forward method, got ${describe(model)}${fix}`);
}

/** Throws unless `options` hold a loss and metrics, and nothing unknown. */
export function checkOptions(
  fn: string,
  options: { readonly loss?: LossFunction; readonly metrics?: Readonly<Record<string, Metric>> | undefined },
  known: readonly string[],
): void {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${fn}: "options" expected an object with a loss, got ${describe(options)}`);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`${fn}: "options" expected ${known.join(", ")}, got ${describe(unknown)}`);
  if (typeof options.loss !== "function")
    throw new TypeError(`${fn}: "loss" expected a function such as crossEntropy, got ${describe(options.loss)}`);
  for (const [name, metric] of Object.entries(options.metrics ?? {})) {
    if (typeof metric !== "function")
      throw new TypeError(`${fn}: "metrics" expected functions by name, got ${describe(metric)} for ${name}`);
    if (name === "loss" || name.startsWith("validation"))
      throw new RangeError(`${fn}: "metrics" expected names that fit does not use itself, got "${name}"`);
  }
}

/** The value of a loss or a metric, checked to be one number. */
export function scalarOf(fn: string, name: string, value: Tensor): Tensor {
  if (!(value instanceof Tensor))
    throw new TypeError(`${fn}: "${name}" expected a function that returns a tensor, got ${describe(value)}`);
  if (value.size !== 1)
    throw new RangeError(
      `${fn}: "${name}" expected a function to one number, got shape [${value.shape.join(", ")}]; end it with .mean()`,
    );
  return value;
}
