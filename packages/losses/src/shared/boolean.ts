import { describe } from "@downhill/tensor";

/** Throws unless an option is true or false. */
export function boolean(fn: string, name: string, value: boolean): void {
  if (typeof value !== "boolean")
    throw new TypeError(`${fn}: "${name}" expected true or false, got ${describe(value)}`);
}
