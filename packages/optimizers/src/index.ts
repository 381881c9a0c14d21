/**
 * Optimizers: the update rule of one parameter each; all the rest is written once.
 *
 * @packageDocumentation
 */
export { Adam, type AdamOptions, type AdamSettings } from "./adam.js";
export type { OptimizerOptions, ParameterGroup, Trainable } from "./groups.js";
export { Optimizer } from "./optimizer.js";
export type { Rule, RuleSettings, StepInfo, Update } from "./rule.js";
export { SGD, type SGDOptions, type SGDSettings } from "./sgd.js";
export { slot } from "./slot.js";
export type { GroupState, OptimizerState, ParameterState } from "./state-dict.js";
