import type { EngineName } from "@downhill/tensor";
import { engineName, useEngine } from "@downhill/tensor";

/** Every engine that runs in Node, the one that defines what is right first. */
export const engines: readonly EngineName[] = ["reference", "cpu"];

/** Error of one float32 result against a golden number; the reference engine computes in float64. */
export const engineTolerance: Readonly<Record<EngineName, Tolerance>> = {
  // PyTorch keeps some constants of formulas (1e-12) as float32.
  reference: { relative: 1e-8, absolute: 1e-10 },
  cpu: { relative: 1e-5, absolute: 2e-6 },
};

/** How far numbers may be apart: `absolute + relative * |expected|`. */
export interface Tolerance {
  readonly relative?: number;
  readonly absolute?: number;
}

/** Runs `f` on an engine and goes back to the one before. */
export function onEngine<T>(name: EngineName, f: () => T): T {
  const before = engineName() as EngineName;
  useEngine(name);
  try {
    return f();
  } finally {
    useEngine(before);
  }
}
