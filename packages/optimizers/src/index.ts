/**
 * Optimizers: the update rule of one parameter each; all the rest is written once.
 *
 * @packageDocumentation
 */
export { AdaBelief, type AdaBeliefOptions, type AdaBeliefSettings } from "./ada-belief.js";
export { Adam, type AdamOptions, type AdamSettings } from "./adam.js";
export { Adan, type AdanOptions, type AdanSettings } from "./adan.js";
export type { OptimizerOptions, ParameterGroup, Trainable } from "./groups.js";
export { LAMB, type LAMBOptions, type LAMBSettings } from "./lamb.js";
export { LARS, type LARSOptions, type LARSSettings } from "./lars.js";
export { Lion, type LionOptions, type LionSettings } from "./lion.js";
export { Optimizer } from "./optimizer.js";
export type { Rule, RuleSettings, StepInfo, Update } from "./rule.js";
export { SGD, type SGDOptions, type SGDSettings } from "./sgd.js";
export { slot } from "./slot.js";
export type { GroupState, OptimizerState, ParameterState } from "./state-dict.js";
