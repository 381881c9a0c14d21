import { describe, Tensor } from "@downhill/tensor";

/** What a function of the user gives, which must be a tensor. */
export function call(fn: string, name: string, f: () => Tensor): Tensor {
  if (typeof f !== "function") throw new TypeError(`${fn}: "${name}" expected a function, got ${describe(f)}`);
  const value: unknown = f();
  if (value instanceof Tensor) return value;
  const hint =
    value instanceof Promise ? "await nothing in it: reading can wait until after the step" : "return the loss";
  throw new TypeError(`${fn}: "${name}" expected a function that returns a Tensor, got ${describe(value)}; ${hint}`);
}
