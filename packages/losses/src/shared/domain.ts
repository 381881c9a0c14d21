import type { Tensor } from "@downhill/tensor";
import { hostValues } from "@downhill/tensor";

/** The values that an argument may have. */
export interface Domain {
  /** As an error says it. */
  readonly expected: string;
  readonly has: (value: number) => boolean;
}

/** Finite numbers of at least 0: counts, scales, variances. */
export const nonnegative: Domain = {
  expected: "finite numbers of at least 0",
  has: (value) => value >= 0 && value < Number.POSITIVE_INFINITY,
};

/** Probabilities. */
export const unit: Domain = {
  expected: "probabilities from 0 to 1",
  has: (value) => value >= 0 && value <= 1,
};

/** 0 and 1, as `expected` says it. */
export const zeroAndOne = (expected: string): Domain => ({ expected, has: (value) => value === 0 || value === 1 });

/** -1 and 1. */
export const signs: Domain = {
  expected: "only -1 and 1",
  has: (value) => value === 1 || value === -1,
};

// Values never change once they are in a tensor: what was found right is not looked at again.
const right = new WeakMap<object, Set<Domain>>();

/** Throws for a value outside the domain, where JavaScript knows the values; `fix` ends the message about it. */
export function checkDomain(
  fn: string,
  name: string,
  x: Tensor,
  domain: Domain,
  fix: string | ((value: number) => string) = "",
): void {
  const host = hostValues(x);
  if (host === null) return;
  const domains = right.get(host) ?? new Set();
  if (domains.has(domain)) return;
  for (let i = 0; i < host.length; i++) {
    const value = host[i] as number;
    if (domain.has(value)) continue;
    const place = x.rank === 0 ? "" : ` at position ${i}`;
    const end = typeof fix === "string" ? fix : fix(value);
    throw new RangeError(`${fn}: "${name}" expected ${domain.expected}, got ${value}${place}${end}`);
  }
  right.set(host, domains.add(domain));
}
