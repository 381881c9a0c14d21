import adam from "./adam.mjs";

// As it comes: nothing is written when a gradient is not finite. The others check nothing.
export default {
  ...adam,
  title: "Adam, 1M parameters, guarded",
  downhill: (lib, data) => adam.downhill(lib, data, {}),
};
