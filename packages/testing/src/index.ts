/**
 * What the tests of the other packages share.
 *
 * @packageDocumentation
 */
export { close, flat, type Numbers } from "./close.js";
export { engines, engineTolerance, onEngine, type Tolerance } from "./engines.js";
export { gradcheck, type Input, inputOf } from "./gradcheck.js";
export { countKernels } from "./kernels.js";
export { type Property, properties } from "./properties.js";
export {
  checkLater,
  type ErrorRow,
  errorSuite,
  goldenRows,
  type LossArgument,
  type LossFacts,
  type LossFunction,
  type LossRow,
  lossSuite,
} from "./suite.js";
