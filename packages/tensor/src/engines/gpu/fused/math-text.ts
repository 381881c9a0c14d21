// Functions whose built-in form on GPUs is inexact near 0, wrong at NaN and infinities, or missing. The polynomials are
// those of assembly/lanes.ts, which says how they were fitted.
import { infinity, isNumberText, nan } from "./literal-text.js";
import type { Statements } from "./text-block.js";

/** Kernel text of a function: adds statements and gives the expression of its value. Operands are names or literals. */
export type Formula = (at: Statements, x: string, y: string, z: string) => string;

/** The polynomial with these coefficients, the highest power first. */
function polynomial(at: Statements, x: string, coefficients: readonly number[]): string {
  const [first, ...rest] = coefficients;
  return rest.reduce((sum, each) => at.keep(`${sum}*${x}${each < 0 ? "-" : "+"}${Math.abs(each)}`), `(${first})`);
}

/** GPUs give infinity at NaN. */
export const exp: Formula = (_, x) => `${isNumberText(x)}?Math.exp(${x}):${x}`;

/** Below 1/2 the power series to x^9, error 3e-9. */
export const expm1: Formula = (at, x) => {
  const series = [1 / 362880, 1 / 40320, 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5];
  const sum = polynomial(at, x, series);
  const near = at.keep(`${sum}*${x}*${x}+${x}`);
  const far = at.keep(exp(at, x, "", ""));
  return `${x}>-0.5&&${x}<0.5?${near}:${far}-1.0`;
};

/** log(1 + f) near 0: 2 artanh(f / (2 + f)) by its series. */
function logNearOne(at: Statements, f: string): string {
  const s = at.keep(`${f}/(${f}+2.0)`);
  const z = at.keep(`${s}*${s}`);
  const p = polynomial(at, z, [1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3]);
  return at.keep(`2.0*${s}+2.0*${s}*${z}*${p}`);
}

/** GPUs give log |x| below 0 and a number at 0. */
const builtInLog = (x: string): string =>
  `(${x}>0.0?Math.log(${x}):(${x}<0.0?(${x}-${x})/(${x}-${x}):-1.0/(${x}*${x})))`;

/** The built-in one has a small absolute, not relative error. */
export const log: Formula = (at, x) => {
  const near = logNearOne(at, at.keep(`${x}-1.0`));
  return `${x}>0.75&&${x}<1.4?${near}:${builtInLog(x)}`;
};

export const log1p: Formula = (at, x) => {
  const near = logNearOne(at, x);
  const u = at.keep(`1.0+${x}`);
  return `${x}>-0.25&&${x}<0.4?${near}:${builtInLog(u)}`;
};

export const sqrt: Formula = (_, x) => `${x}>=0.0?Math.sqrt(${x}):(${x}-${x})/(${x}-${x})`;

/** The sine of x - n pi, with pi in parts of which the first two have exact products with n. */
function sineOfRest(at: Statements, x: string, n: string): string {
  const a = at.keep(`${x}-${n}*3.140625`);
  const b = at.keep(`${a}-${n}*0.000965118408203125`);
  const r = at.keep(`${b}-${n}*0.000002535181589990998`);
  const z = at.keep(`${r}*${r}`);
  const p = polynomial(
    at,
    z,
    [2.606081807243754e-6, -0.00019809773948509246, 0.008333069272339344, -0.16666659712791443],
  );
  return at.keep(`${r}*${z}*${p}+${r}`);
}

/** The built-in one where angles are so large that n pi is inexact. */
const angle = (x: string, near: string, name: "sin" | "cos"): string =>
  `${x}<=100000.0&&${x}>=-100000.0?${near}:(${x}<=3.4e38&&${x}>=-3.4e38?Math.${name}(${x}):(${x}-${x})/(${x}-${x}))`;

/** (-1)^n, from n. */
function turns(at: Statements, n: string): string {
  const half = at.keep(`Math.floor(${n}*0.5)`);
  return at.keep(`1.0-2.0*(${n}-2.0*${half})`);
}

export const sin: Formula = (at, x) => {
  const n = at.keep(`Math.floor(${x}*0.3183098861837907+0.5)`);
  const sign = turns(at, n);
  return angle(x, `${sign}*${sineOfRest(at, x, n)}`, "sin");
};

export const cos: Formula = (at, x) => {
  const n = at.keep(`Math.floor(${x}*0.3183098861837907)`);
  const sign = turns(at, n);
  const middle = at.keep(`${n}+0.5`);
  return angle(x, `-${sign}*${sineOfRest(at, x, middle)}`, "cos");
};

/** (1 - e^(-2|x|)) / (1 + e^(-2|x|)); below 0.4 the power series, error 6e-8. Math.tanh is NaN for large arguments. */
export const tanh: Formula = (at, x) => {
  const z = at.keep(`${x}*${x}`);
  const p = polynomial(at, z, [-1382 / 155925, 62 / 2835, -17 / 315, 2 / 15, -1 / 3]);
  const near = at.keep(`${x}*${z}*${p}+${x}`);
  const e = at.keep(`Math.exp(-2.0*Math.abs(${x}))`);
  const far = at.keep(`(1.0-${e})/(1.0+${e})`);
  return `${x}>-0.4&&${x}<0.4?${near}:(${x}>0.0?${far}:(${x}<0.0?-${far}:${x}))`;
};

export const sigmoid: Formula = (at, x) => {
  const e = at.keep(`Math.exp(-Math.abs(${x}))`);
  return `${x}>=0.0?1.0/(1.0+${e}):(${x}<0.0?${e}/(1.0+${e}):${x})`;
};

/** x + x P(x^2) below 1, else 1 - 1 / Q(|x| - 1)^4; from 4 on it is 1. */
export const erf: Formula = (at, x) => {
  const z = at.keep(`${x}*${x}`);
  const p = polynomial(
    at,
    z,
    [
      7.806903158780187e-5, -0.0007997853099368513, 0.005187162198126316, -0.026853347197175026, 0.11283578723669052,
      -0.3761262595653534, 0.12837916612625122,
    ],
  );
  const near = at.keep(`${x}*${p}+${x}`);
  const t = at.keep(`Math.min(Math.abs(${x}),4.0)-1.0`);
  const q = polynomial(
    at,
    t,
    [
      0.0028298543766140938, -0.009539333172142506, 0.025461364537477493, -0.007340113166719675, 0.05959007889032364,
      0.12296465039253235, 0.3141299784183502, 0.6801912188529968, 1.0475943088531494, 1.5878825187683105,
    ],
  );
  const square = at.keep(`${q}*${q}`);
  const far = at.keep(`1.0-1.0/(${square}*${square})`);
  // Not left to rounding: gelu multiplies what is missing by its argument.
  const whole = at.keep(`Math.abs(${x})>=4.0?1.0:${far}`);
  return `${x}>-1.0&&${x}<1.0?${near}:(${x}>0.0?${whole}:(${x}<0.0?-${whole}:${x}))`;
};

/** Powers that products and roots give more exactly. */
const simplePowers: Readonly<Record<string, Formula>> = {
  "1.0": (_, x) => x,
  "2.0": (_, x) => `${x}*${x}`,
  "3.0": (_, x) => `${x}*${x}*${x}`,
  "4.0": (at, x) => {
    const square = at.keep(`${x}*${x}`);
    return `${square}*${square}`;
  },
  "0.5": sqrt,
  "(-1.0)": (_, x) => `1.0/${x}`,
  "(-2.0)": (_, x) => `1.0/(${x}*${x})`,
};

/** The built-in power is one of |x|; signs, NaN and the ends of the range are put right. */
export const pow: Formula = (at, x, y) => {
  const simple = simplePowers[y];
  if (simple !== undefined) return simple(at, x, y, "");
  const a = at.keep(`Math.abs(${x})`);
  const p = at.variable("0.0");
  at.add(`if(${a}>0.0){${p}=Math.pow(${a},${y});}`);
  at.add(`if(${a}<=0.0&&${y}<0.0){${p}=${infinity(at)};}`);
  const whole = at.keep(`Math.floor(${y})`);
  const half = at.keep(`Math.floor(${y}*0.5)`);
  const odd = at.keep(`${y}-2.0*${half}`);
  const none = nan(at);
  at.add(`if(${x}<0.0){if(${whole}<${y}){if(${a}<=3.4028e38){${p}=${none};}}if(${odd}>0.9&&${odd}<1.1){${p}=-${p};}}`);
  at.add(`if(${a}>=1.0&&${a}<=1.0&&(${y}>3.4028e38||${y}<-3.4028e38)){${p}=${none};}`);
  at.add(`if(!${isNumberText(x)}){${p}=${x};}`);
  at.add(`if(!${isNumberText(y)}){${p}=${y};}`);
  return `${y}>=0.0&&${y}<=0.0?1.0:${p}`;
};
