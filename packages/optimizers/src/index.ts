/**
 * Optimizers: the update rule of one parameter each; all the rest is written once.
 *
 * @packageDocumentation
 */
export { Adam, type AdamOptions, type AdamSettings } from "./adam.js";
export type {
  CommonOptions,
  DecayOptions,
  GroupOptions,
  GuardOptions,
  OptimizerOptions,
  ParameterGroup,
  Trainable,
} from "./groups.js";
export { type NonFiniteDetails, NonFiniteError } from "./non-finite-error.js";
export type { NumberOption } from "./number-option.js";
export { Optimizer } from "./optimizer.js";
export type { Resolved, Rule, RuleSettings, Shared, StepInfo, Update } from "./rule.js";
export { SGD, type SGDOptions, type SGDSettings } from "./sgd.js";
export { type SlotOptions, sharedSlot, slot } from "./slot.js";
export type { GroupState, OptimizerState, ParameterState } from "./state-dict.js";
