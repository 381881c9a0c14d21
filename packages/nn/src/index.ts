/**
 * Layers, models and the training loop.
 *
 * @packageDocumentation
 */
export { type AccuracyOptions, accuracy } from "./accuracy.js";
export type { Callback, Hook, TrainingContext } from "./callback.js";
export type { Batch, BatchStream, Data, Dataset, Examples, ShapedData } from "./data.js";
export { type EvaluateOptions, type EvaluateResult, evaluate } from "./evaluate.js";
export { type FitOptimizer, type FitOptions, fit } from "./fit.js";
export { Flatten } from "./flatten.js";
export { type EpochResult, History, type StopReason } from "./history.js";
export { Linear, type LinearOptions } from "./linear.js";
export type { LossFunction, Metric } from "./metric.js";
export { type LoadOptions, type LoadReport, Module } from "./module.js";
export { type PredictOptions, predict } from "./predict.js";
export { ReLU } from "./relu.js";
export { Sequential } from "./sequential.js";
export { Sigmoid } from "./sigmoid.js";
export { Softmax } from "./softmax.js";
export { Tanh } from "./tanh.js";
