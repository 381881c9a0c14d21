import type { Op, Vjp } from "../node.js";
import { defineOp } from "../node.js";

/** Which dtype a row computes in and gives: `number` keeps the promoted one, `float` is always float32, `bool` compares, `select` is `where`. */
type Result = "number" | "float" | "bool" | "select" | "toInt" | "toFloat";

/** A row of the table: everything there is to know about one elementwise primitive. */
export interface ElementwiseRow {
  readonly name: string;
  readonly result: Result;
  /** The meaning, in float64: the reference engine runs this. It has as many parameters as the row has inputs. */
  readonly evaluate: (x: number, y: number, z: number) => number;
  /** The meaning for int32 where it differs from `evaluate` cut to 32 bits. */
  readonly evaluateInt?: ((x: number, y: number) => number) | undefined;
  /** Four float lanes as an AssemblyScript expression, or `block:name`: 16 floats by the function `name16` of assembly/math.ts. */
  readonly simd?: string | undefined;
  /** Four int32 lanes; true: what {@link ElementwiseRow.simd} says, of integers with a sign. */
  readonly simdInt?: string | true | undefined;
  readonly vjp: readonly (Vjp | null)[];
}
export interface ElementwiseOp extends Op, ElementwiseRow {
  readonly vjp: readonly (Vjp | null)[];
  /** Position in {@link elementwiseRows}; the tape's opcode is twice this, plus one for int32. */
  readonly row: number;
}

/** All elementwise primitives, in opcode order. */
export const elementwiseRows: ElementwiseOp[] = [];

/** So that all rows have the same fields. */
const absent = { evaluateInt: undefined, simd: undefined, simdInt: undefined };

/** Adds a row to the table. */
export function row(fields: ElementwiseRow): ElementwiseOp {
  const op = defineOp({ ...fields, kind: "elementwise" });
  const whole = Object.assign(op, absent, fields, { row: elementwiseRows.length });
  elementwiseRows.push(whole);
  return whole;
}
