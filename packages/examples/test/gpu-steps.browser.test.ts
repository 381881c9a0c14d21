import { manySteps } from "./gpu-steps.js";

manySteps("webgl2", 2000);
