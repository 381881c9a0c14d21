import { describe, inRange, number, Tensor } from "@downhill/tensor";

/** `strength` times the sum of a measure of each tensor; the arguments are checked for `fn`. */
export function penalty(
  fn: string,
  parameters: Iterable<Tensor>,
  strength: number,
  measure: (x: Tensor) => Tensor,
): Tensor {
  inRange(fn, "strength", strength, 0, Number.POSITIVE_INFINITY);
  if (parameters instanceof Tensor || typeof parameters?.[Symbol.iterator] !== "function") {
    const hint = parameters instanceof Tensor ? "put it into an array" : "pass model.parameters()";
    throw new TypeError(`${fn}: "parameters" expected an iterable of tensors, got ${describe(parameters)}; ${hint}`);
  }
  let total: Tensor | null = null;
  for (const parameter of parameters) {
    if (!(parameter instanceof Tensor))
      throw new TypeError(`${fn}: "parameters" expected tensors, got ${describe(parameter)}`);
    if (parameter.dtype !== "float32")
      throw new TypeError(`${fn}: "parameters" expected float32 tensors, got ${parameter.dtype}`);
    const one = measure(parameter);
    total = total === null ? one : total.add(one);
  }
  if (total === null)
    throw new RangeError(`${fn}: "parameters" expected at least one tensor, got none; pass model.parameters()`);
  return total.mul(number(strength));
}
