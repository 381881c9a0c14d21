import { smallParameters } from "../small-parameters.mjs";

export default smallParameters("SGD", { kept: 0, tfjs: (train) => train.sgd(1e-3) });
