import { flatIndex } from "./index-math.js";
import type { Reader } from "./pass-text.js";

/** Where the terms of a sum lie in an array: from `start` (a name) on, `step` apart. */
export interface Line {
  readonly read: Reader;
  readonly start: string;
  readonly step: number;
}

/**
 * Statements that add the products of two lines of `count` elements to the local `total`; `p` counts. Four at a time, added up
 * before they join the total: fewer steps, and less rounding.
 */
export function sumProducts(p: string, count: number, a: Line, b: Line, total = "total"): string {
  const element = ({ read, start, step }: Line, index: string, more: number): string =>
    read(flatIndex([index], [step], more === 0 ? start : `${start}+${more * step}`));
  const term = (index: string, more: number): string => `${element(a, index, more)}*${element(b, index, more)}`;
  const four = (index: string, from: number): string =>
    `${total}=${total}+(${[0, 1, 2, 3].map((i) => term(index, from + i)).join("+")});`;
  const whole = count - (count % 4);
  let text = whole > 4 ? `for(let ${p}=0;${p}<${whole};${p}+=4){${four(p, 0)}}` : whole === 4 ? four("0", 0) : "";
  for (let i = whole; i < count; i++) text += `${total}=${total}+${term("0", i)};`;
  return text;
}
