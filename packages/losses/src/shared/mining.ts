import type { Tensor } from "@downhill/tensor";
import { rowsOf, unitRows } from "./embeddings.js";
import { checkFlag } from "./flag.js";
import { checkNames } from "./options.js";

/** Beyond any distance, and finite. */
export const farthest = 3e38;

/** Options that miners share. */
export interface MinerOptions {
  /** Whether embeddings are brought to length 1 before distances are measured. @defaultValue false */
  readonly normalize?: boolean | undefined;
}

/** The embeddings of a miner, cut from differentiation, after a look at its options. */
export function minedRows(fn: string, embeddings: Tensor, options: MinerOptions, own: readonly string[]): Tensor {
  checkNames(fn, options, own);
  const { normalize = false } = options;
  checkFlag(fn, "normalize", normalize);
  const x = rowsOf(fn, "embeddings", embeddings).detach();
  return normalize ? unitRows(x) : x;
}
