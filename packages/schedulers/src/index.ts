export { constant } from "./constant.js";
export { type CosineDecayOptions, cosineDecay } from "./cosine-decay.js";
export { type ExponentialDecayOptions, exponentialDecay } from "./exponential-decay.js";
export type { Schedule } from "./schedule.js";
export { type StepDecayOptions, stepDecay } from "./step-decay.js";
