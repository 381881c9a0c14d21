/**
 * Tensors with automatic differentiation: lazy, fused, nothing to free.
 *
 * @packageDocumentation
 */
export {
  type EngineName,
  engineName,
  type Memory,
  memory,
  setThreads,
  threads,
  useEngine,
} from "./runtime/engines.js";

// The engine comes first, and the WebAssembly first in its files, so that a bundle begins with it: gzip codes about 16,000
// characters and repeats with one table, and packed text that shares its table with code costs both of them a tenth more.

export { axisIndex, describe, inRange, integer, type Shaped, sameShape } from "./check.js";
export type { ReduceOptions } from "./compose/reductions.js";
export * from "./create.js";
export type { NestedArray, NumericArray, TensorData } from "./data.js";
export type { DType, HostArray, TypedArray } from "./dtype.js";
export type { Threads } from "./engines/engine.js";
export * from "./functions/activations.js";
export * from "./functions/convolution.js";
export * from "./functions/differentiate.js";
export * from "./functions/indexing.js";
export * from "./functions/join.js";
export * from "./functions/statistics.js";
export * from "./inspect.js";
export type { Layer } from "./layer.js";
export {
  type AssignOptions,
  assignAll,
  Parameter,
  type ParameterOptions,
  parameter,
  type StateOptions,
  state,
} from "./parameter.js";
export * from "./random.js";
export type { NestedNumbers } from "./read.js";
export type { Profile } from "./runtime/launch.js";
export * from "./safetensors.js";
export { Tensor, type TensorLike } from "./tensor.js";
