/**
 * Penalties, dropout and early stopping: what keeps a model from learning its training data by heart.
 *
 * @packageDocumentation
 */
export { Dropout } from "./dropout.js";
export {
  EarlyStopping,
  type EarlyStoppingContext,
  type EarlyStoppingOptions,
  type EarlyStoppingResult,
} from "./early-stopping.js";
export { l1 } from "./l1.js";
export { l2 } from "./l2.js";
