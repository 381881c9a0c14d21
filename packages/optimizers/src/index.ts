/**
 * Optimizers: the update rule of one parameter each; all the rest is written once.
 *
 * @packageDocumentation
 */
export { Adadelta, type AdadeltaOptions, type AdadeltaSettings } from "./adadelta.js";
export { Adafactor, type AdafactorOptions, type AdafactorSettings } from "./adafactor.js";
export { Adagrad, type AdagradOptions, type AdagradSettings } from "./adagrad.js";
export { Adam, type AdamOptions, type AdamSettings } from "./adam.js";
export type { AdamBaseSettings } from "./adam-rule.js";
export { Adamax, type AdamaxOptions, type AdamaxSettings } from "./adamax.js";
export { AdamW, type AdamWOptions, type AdamWSettings } from "./adamw.js";
export { type AddGradNoiseOptions, addGradNoise } from "./add-grad-noise.js";
export { ASGD, type ASGDOptions, type ASGDSettings } from "./asgd.js";
export { centralizeGrad } from "./centralize-grad.js";
export { type ClipGradAdaptiveOptions, clipGradAdaptive } from "./clip-grad-adaptive.js";
export { type ClipGradNormOptions, clipGradNorm } from "./clip-grad-norm.js";
export { clipGradValue } from "./clip-grad-value.js";
export type {
  CommonOptions,
  DecayOptions,
  GroupOptions,
  GuardOptions,
  OptimizerOptions,
  ParameterGroup,
  Trainable,
} from "./groups.js";
export { LBFGS, type LBFGSOptions, type LBFGSSettings } from "./lbfgs.js";
export { Muon, type MuonOptions, type MuonRate, type MuonSettings } from "./muon.js";
export { NAdam, type NAdamOptions, type NAdamSettings } from "./nadam.js";
export { type NonFiniteDetails, NonFiniteError } from "./non-finite-error.js";
export type { NumberOption } from "./number-option.js";
export { Optimizer } from "./optimizer.js";
export { RAdam, type RAdamOptions, type RAdamSettings } from "./radam.js";
export { RMSprop, type RMSpropOptions, type RMSpropSettings } from "./rmsprop.js";
export { Rprop, type RpropOptions, type RpropSettings } from "./rprop.js";
export type { Resolved, Rule, RuleSettings, Shared, StepInfo, Update, ValueAtStep } from "./rule.js";
export { SGD, type SGDOptions, type SGDSettings } from "./sgd.js";
export { type SlotOptions, sharedSlot, slot } from "./slot.js";
export type { GroupState, OptimizerState, ParameterState } from "./state-dict.js";
export { joinState, type SplitState, splitState } from "./state-files.js";
