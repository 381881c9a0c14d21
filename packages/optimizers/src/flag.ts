import { describe } from "@downhill/tensor";

/** Throws unless an option is true or false. */
export function checkFlag(fn: string, name: string, value: unknown): void {
  if (typeof value !== "boolean")
    throw new TypeError(`${fn}: "${name}" expected true or false, got ${describe(value)}`);
}
