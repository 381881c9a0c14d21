import { optimizerCase } from "../optimizer-case.mjs";

// PyTorch's one kernel for all parameters, which came to the CPU with 2.4.
export default optimizerCase("SGD", {
  count: 200,
  size: 256,
  kept: 0,
  options: { lr: 1e-3 },
  pytorch: "lr=1e-3, fused=True",
  title: "SGD, 200 parameters of 256 (PyTorch fused)",
});
