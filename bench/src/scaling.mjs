/** The cases of the table of sizes, smallest first. */
export const scalingNames = ["mean-squared-error", "cross-entropy"].flatMap((name) =>
  [1e4, 1e5, 1e6, 1e7].map((elements) => `${name}@${elements}`),
);
