export { referenceEngine as cpuEngine } from "../reference/reference.js";
