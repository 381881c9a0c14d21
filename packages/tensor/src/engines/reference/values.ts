import type { DType } from "../../dtype.js";

/** Values in float64; int32 stays int32. */
export type Values = Float64Array | Int32Array;

export const valuesOf = (dtype: DType, size: number): Values =>
  dtype === "int32" ? new Int32Array(size) : new Float64Array(size);
