import { smallParameters } from "../small-parameters.mjs";

export default smallParameters("Adam", { kept: 2, tfjs: (train) => train.adam(1e-3, 0.9, 0.999, 1e-8) });
