import type { HostArray } from "./dtype.js";
import type { Node } from "./node.js";
import { evaluateNodes } from "./runtime/backward.js";
import { currentLauncher } from "./runtime/engines.js";
import { show, stridesOf } from "./shape.js";

/** Nested arrays of numbers, as `array()` returns them; a plain number for a scalar. */
export type NestedNumbers = number | NestedNumbers[];

/** The node, evaluated where it was not. */
export function evaluated(node: Node): Node {
  if (node.value === null) evaluateNodes([node]);
  return node;
}

/** The values as they are now: later, or at once for the function `${fn}Sync`. */
export function read(x: Node): HostArray | Promise<HostArray>;
export function read(x: Node, fn: string): HostArray;
export function read(x: Node, fn?: string): HostArray | Promise<HostArray> {
  return currentLauncher().read(evaluated(x), fn);
}

/** What `item()` gives. */
export function single({ shape }: Node, values: HostArray): number {
  if (values.length !== 1)
    throw new RangeError(`item: "tensor" expected one element, got shape ${show(shape)}; use data() or array()`);
  return values[0] as number;
}

/** What `data()` gives. */
export function typed({ dtype }: Node, values: HostArray): Float32Array | Int32Array | Uint8Array {
  if (dtype === "bool") return Uint8Array.from(values);
  return values instanceof Float64Array ? Float32Array.from(values) : values;
}

/** What `array()` gives. */
export function nested({ shape: { dims, rank } }: Node, values: HostArray): NestedNumbers {
  const strides = stridesOf(dims);
  const nest = (axis: number, start: number): NestedNumbers =>
    axis === rank
      ? (values[start] as number)
      : Array.from({ length: dims[axis] as number }, (_, i) => nest(axis + 1, start + i * (strides[axis] as number)));
  return nest(0, 0);
}
