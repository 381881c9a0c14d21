/**
 * Optimizers: the update rule of one parameter each; all the rest is written once.
 *
 * @packageDocumentation
 */
export { AdaBelief, type AdaBeliefOptions, type AdaBeliefSettings } from "./adabelief.js";
export { Adadelta, type AdadeltaOptions, type AdadeltaSettings } from "./adadelta.js";
export { Adafactor, type AdafactorOptions, type AdafactorSettings } from "./adafactor.js";
export { Adagrad, type AdagradOptions, type AdagradSettings } from "./adagrad.js";
export { Adam, type AdamOptions, type AdamSettings } from "./adam.js";
export type { AdamBaseSettings } from "./adam-rule.js";
export { Adamax, type AdamaxOptions, type AdamaxSettings } from "./adamax.js";
export { AdamW, type AdamWOptions, type AdamWSettings } from "./adamw.js";
export { Adan, type AdanOptions, type AdanSettings } from "./adan.js";
export { type AddGradNoiseOptions, addGradNoise } from "./add-grad-noise.js";
export { ASAM, type ASAMOptions } from "./asam.js";
export { ASGD, type ASGDOptions, type ASGDSettings } from "./asgd.js";
export { centralizeGrad } from "./centralize-grad.js";
export { type ClipGradAdaptiveOptions, clipGradAdaptive } from "./clip-grad-adaptive.js";
export { type ClipGradNormOptions, clipGradNorm } from "./clip-grad-norm.js";
export { clipGradValue } from "./clip-grad-value.js";
export { EMA, type EMAOptions } from "./ema.js";
export type {
  CommonOptions,
  DecayOptions,
  GroupOptions,
  GuardOptions,
  OptimizerOptions,
  ParameterGroup,
  Trainable,
} from "./groups.js";
export { LAMB, type LAMBOptions, type LAMBSettings } from "./lamb.js";
export { LARS, type LARSOptions, type LARSSettings } from "./lars.js";
export { LBFGS, type LBFGSOptions, type LBFGSSettings } from "./lbfgs.js";
export { Lion, type LionOptions, type LionSettings } from "./lion.js";
export { Lookahead, type LookaheadOptions } from "./lookahead.js";
export { Muon, type MuonOptions, type MuonRate, type MuonSettings } from "./muon.js";
export { NAdam, type NAdamOptions, type NAdamSettings } from "./nadam.js";
export { type NonFiniteDetails, NonFiniteError } from "./non-finite-error.js";
export { NovoGrad, type NovoGradOptions, type NovoGradSettings } from "./novograd.js";
export type { NumberOption } from "./number-option.js";
export { Optimizer } from "./optimizer.js";
export { Prodigy, type ProdigyOptions, type ProdigySettings } from "./prodigy.js";
export { RAdam, type RAdamOptions, type RAdamSettings } from "./radam.js";
export { RMSprop, type RMSpropOptions, type RMSpropSettings } from "./rmsprop.js";
export { Rprop, type RpropOptions, type RpropSettings } from "./rprop.js";
export type { Resolved, Rule, RuleSettings, Shared, StepInfo, Update, ValueAtStep } from "./rule.js";
export { SAM, type SAMOptions } from "./sam.js";
export {
  ScheduleFreeAdamW,
  type ScheduleFreeAdamWOptions,
  type ScheduleFreeAdamWSettings,
} from "./schedule-free-adamw.js";
export { ScheduleFreeSGD, type ScheduleFreeSGDOptions, type ScheduleFreeSGDSettings } from "./schedule-free-sgd.js";
export { SGD, type SGDOptions, type SGDSettings } from "./sgd.js";
export { type SlotOptions, sharedSlot, slot } from "./slot.js";
export { Sophia, type SophiaOptions, type SophiaSettings } from "./sophia.js";
export type { GroupState, OptimizerState, ParameterState } from "./state-dict.js";
export { joinState, type SplitState, splitState } from "./state-files.js";
export { SWA, type SWAOptions } from "./swa.js";
export { type AnyOptimizer, OptimizerWrapper } from "./wrapper.js";
