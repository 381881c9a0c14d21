import type { Tensor } from "@downhill/tensor";
import { hostValues } from "@downhill/tensor";

/** The values that an argument may have. */
export interface Domain {
  /** As an error says it. */
  readonly expected: string;
  readonly has: (value: number) => boolean;
  /** Values never change once they are in a tensor: what was found right is not looked at again. */
  readonly seen: WeakSet<object>;
}

/** Finite numbers of at least 0: counts, scales, variances. */
export const nonnegative: Domain = {
  expected: "finite numbers of at least 0",
  has: (value) => value >= 0 && value < Number.POSITIVE_INFINITY,
  seen: new WeakSet(),
};

/** Throws for a value outside the domain, where JavaScript knows the values; `fix` ends the message. */
export function checkDomain(fn: string, name: string, x: Tensor, { expected, has, seen }: Domain, fix = ""): void {
  const host = hostValues(x);
  if (host === null || seen.has(host)) return;
  for (let i = 0; i < host.length; i++)
    if (!has(host[i] as number))
      throw new RangeError(
        `${fn}: "${name}" expected ${expected}, got ${host[i]}${x.rank === 0 ? "" : ` at position ${i}`}${fix}`,
      );
  seen.add(host);
}
