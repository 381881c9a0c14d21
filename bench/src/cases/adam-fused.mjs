import adam from "./adam.mjs";

// PyTorch's fused kernel, which came to the CPU with 2.4.
export default {
  ...adam,
  title: "Adam, 1M parameters (PyTorch fused)",
  pytorch: { ...adam.pytorch, code: "torch.optim.Adam(parameters, fused=True)" },
};
