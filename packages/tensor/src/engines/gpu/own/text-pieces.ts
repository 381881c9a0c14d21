/** `body` under a condition; without one, as it is. */
export const guard = (condition: string | null, body: string): string =>
  condition === null ? body : `if(${condition}){${body}}`;

/** A loop with a literal bound: others are cut short without a word. */
export const loop = (name: string, count: number, body: string): string =>
  `for(let ${name}=0;${name}<${count};${name}++){${body}}`;

/** Declares `name`: 1 when `value` (a name) is NaN, else 0. Comparing a value with itself does not tell on every device. */
export const nanFlag = (name: string, value: string): string =>
  `let ${name}=1.0;if(${value}>=0.0){${name}=0.0;}if(${value}<0.0){${name}=0.0;}`;
