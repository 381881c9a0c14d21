import { smallParameters } from "../small-parameters.mjs";

// PyTorch's one kernel for all parameters, which came to the CPU with 2.4.
export default smallParameters("Adam", { kept: 2, title: "Adam (PyTorch fused)" });
