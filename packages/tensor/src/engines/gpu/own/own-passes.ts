import type { OwnPasses } from "../pass.js";
import { convPasses } from "./conv-passes.js";
import { indexPasses } from "./index-passes.js";
import { matmulPasses } from "./matmul-passes.js";
import { movementPasses } from "./movement-passes.js";
import { poolPasses } from "./pool-passes.js";
import { reducePasses } from "./reduce-passes.js";
import { scanPasses } from "./scan-passes.js";
import { sortPasses } from "./sort-passes.js";

/** By name: the primitives that are never fused, and those that may stand alone. What has no elements needs no pass. */
export const ownPasses: Readonly<Record<string, OwnPasses>> = {
  matmul: matmulPasses,
  ...convPasses,
  ...poolPasses,
  ...movementPasses,
  ...indexPasses,
  ...sortPasses,
  ...scanPasses,
  ...reducePasses,
};
