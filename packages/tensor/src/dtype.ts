/** Element types. Every element takes 32 bits inside the engines; `bool` is stored as the float 0 or 1. */
export type DType = "float32" | "int32" | "bool";

/** Typed arrays that hold tensor data on the JavaScript side. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Values of a tensor as an engine keeps them on the JavaScript side; the reference engine keeps float64. */
export type HostArray = Float32Array | Float64Array | Int32Array;

/** A number for each dtype. */
export function codeOf(dtype: DType): 0 | 1 | 2 {
  return dtype === "float32" ? 0 : dtype === "int32" ? 1 : 2;
}

/** The dtype in which two operands of an arithmetic operation meet: bool < int32 < float32. */
export function promote(a: DType, b: DType): DType {
  if (a === "float32" || b === "float32") return "float32";
  return a === "bool" && b === "bool" ? "bool" : "int32";
}
