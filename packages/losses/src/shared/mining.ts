import type { Tensor } from "@downhill/tensor";
import { describe } from "@downhill/tensor";
import { rowsOf, unitRows } from "./embeddings.js";
import { checkFlag } from "./flag.js";

/** Beyond any distance, and finite. */
export const farthest = 3e38;

/** Options that miners share. */
export interface MinerOptions {
  /** Whether embeddings are brought to length 1 before distances are measured. @defaultValue false */
  readonly normalize?: boolean | undefined;
}

/** The embeddings of a miner, cut from differentiation, after a look at its options. */
export function minedRows(fn: string, embeddings: Tensor, options: MinerOptions, own: readonly string[]): Tensor {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${fn}: "options" expected an object, got ${describe(options)}`);
  for (const name of Object.keys(options))
    if (!own.includes(name))
      throw new TypeError(`${fn}: "options" expected only ${own.join(", ")}, got ${describe(name)}`);
  const { normalize = false } = options;
  checkFlag(fn, "normalize", normalize);
  const x = rowsOf(fn, "embeddings", embeddings).detach();
  return normalize ? unitRows(x) : x;
}
