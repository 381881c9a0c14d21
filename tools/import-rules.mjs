// Who may import whom. check-imports.mjs enforces it.

/** Runtime imports between the packages; a type-only import may come from any package that is declared. */
export const packageRules = {
  tensor: [],
  schedulers: [],
  losses: ["tensor"],
  regularizers: ["tensor"],
  nn: ["tensor"],
  optimizers: ["tensor"],
  insight: ["tensor"],
  testing: "anything",
  examples: "anything",
  bench: "anything",
};

/** Besides these packages, only test/ folders import the private package testing. */
export const mayUseTesting = ["testing", "examples", "bench"];

/**
 * Layers of packages/tensor/src, lowest first: a file's runtime imports come from its own layer or a lower one.
 * Whatever is named in no layer (autograd, compose/, tensor.ts ...) is on top.
 */
export const tensorLayers = [
  ["dtype.ts", "shape.ts", "check.ts", "generated/"],
  ["node.ts"],
  ["ops/"],
  ["plan/"],
  ["engines/"],
];
