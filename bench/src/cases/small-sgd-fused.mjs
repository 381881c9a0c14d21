import { smallParameters } from "../small-parameters.mjs";

// PyTorch's one kernel for all parameters, which came to the CPU with 2.4.
export default smallParameters("SGD", { kept: 0, title: "SGD (PyTorch fused)" });
