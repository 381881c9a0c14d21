/**
 * Learning-rate schedules: pure functions from the step to the rate.
 *
 * @packageDocumentation
 */
export { applyTo } from "./apply-to.js";
export { constant } from "./constant.js";
export { type CosineDecayOptions, cosineDecay } from "./cosine-decay.js";
export { type CosineRestartsOptions, cosineRestarts } from "./cosine-restarts.js";
export type { Cycle } from "./cycle.js";
export { type CyclicOptions, cyclic } from "./cyclic.js";
export { type CyclicMomentumOptions, cyclicMomentum } from "./cyclic-momentum.js";
export type { CyclicWave } from "./cyclic-wave.js";
export { type ExponentialDecayOptions, exponentialDecay } from "./exponential-decay.js";
export { type InverseSqrtOptions, inverseSqrt } from "./inverse-sqrt.js";
export { type InverseTimeDecayOptions, inverseTimeDecay } from "./inverse-time-decay.js";
export { type JoinOptions, join } from "./join.js";
export { type LinearOptions, linear } from "./linear.js";
export { type MultiStepDecayOptions, multiStepDecay } from "./multi-step-decay.js";
export { type OneCycleOptions, oneCycle } from "./one-cycle.js";
export { type OneCycleMomentumOptions, oneCycleMomentum } from "./one-cycle-momentum.js";
export { type PerEpochOptions, perEpoch } from "./per-epoch.js";
export { type PiecewiseConstantOptions, piecewiseConstant } from "./piecewise-constant.js";
export { type PolynomialDecayOptions, polynomialDecay } from "./polynomial-decay.js";
export { type Preview, preview } from "./preview.js";
export { product } from "./product.js";
export {
  type PlateauResult,
  type PlateauSchedule,
  type PlateauState,
  type ReduceOnPlateauOptions,
  reduceOnPlateau,
} from "./reduce-on-plateau.js";
export type { Schedule } from "./schedule.js";
export { type StepDecayOptions, stepDecay } from "./step-decay.js";
export { type WarmupOptions, warmup } from "./warmup.js";
export { type WarmupStableDecayOptions, warmupStableDecay } from "./warmup-stable-decay.js";
