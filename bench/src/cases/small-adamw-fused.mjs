import { optimizerCase } from "../optimizer-case.mjs";

// PyTorch's one kernel for all parameters, which came to the CPU with 2.4.
export default optimizerCase("AdamW", {
  count: 200,
  size: 256,
  kept: 2,
  pytorch: "fused=True",
  title: "AdamW, 200 parameters of 256 (PyTorch fused)",
});
