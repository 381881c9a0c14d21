import type { Formula } from "./math-text.js";
import { cos, erf, exp, expm1, log, log1p, pow, sigmoid, sin, sqrt, tanh } from "./math-text.js";

/** Both sides of `===`: that of a value with itself is always true on WebGPU. */
const same = (x: string, y: string): string => `${x}>=${y}&&${x}<=${y}`;
// Math.max and Math.min drop NaN.
const larger = (x: string, y: string): string => `${x}>=${y}?${x}:(${x}<${y}?${y}:${x}+${y})`;
const smaller = (x: string, y: string): string => `${x}<=${y}?${x}:(${x}>${y}?${y}:${x}+${y})`;
const identity: Formula = (_, x) => x;

/** The value of every elementwise row on float32 (and bool) operands, by the row's name. */
export const elementwiseText: Readonly<Record<string, Formula>> = {
  add: (_, x, y) => `${x}+${y}`,
  sub: (_, x, y) => `${x}-${y}`,
  mul: (_, x, y) => `${x}*${y}`,
  div: (_, x, y) => `${x}/${y}`,
  maximum: (_, x, y) => larger(x, y),
  minimum: (_, x, y) => smaller(x, y),
  pow,
  clip: (at, x, low, high) => smaller(at.keep(larger(x, low)), high),
  neg: (_, x) => `-${x}`,
  abs: (_, x) => `Math.abs(${x})`,
  sign: (_, x) => `${x}>0.0?1.0:(${x}<0.0?-1.0:${x})`,
  exp,
  expm1,
  log,
  log1p,
  sqrt,
  sin,
  cos,
  tanh,
  sigmoid,
  erf,
  relu: (_, x) => `${x}<=0.0?0.0:${x}`,
  floor: (_, x) => `Math.floor(${x})`,
  ceil: (_, x) => `Math.ceil(${x})`,
  round: (at, x) => {
    const low = at.keep(`Math.floor(${x})`);
    const rest = at.keep(`${x}-${low}`);
    const half = at.keep(`Math.floor(${low}*0.5)`);
    return `${rest}>0.5||(${rest}>=0.5&&${low}-2.0*${half}>0.5)?${low}+1.0:${low}`;
  },
  copy: identity,
  equal: (_, x, y) => `${same(x, y)}?1.0:0.0`,
  notEqual: (_, x, y) => `${same(x, y)}?0.0:1.0`,
  less: (_, x, y) => `${x}<${y}?1.0:0.0`,
  lessEqual: (_, x, y) => `${x}<=${y}?1.0:0.0`,
  where: (_, c, x, y) => `${c}>0.5?${x}:${y}`,
  // -0 would become an infinity of the wrong sign under a division.
  toInt: (at, x) => {
    const low = at.keep(`Math.floor(Math.abs(${x}))`);
    const cut = at.keep(`${low}<=2147483648.0?${low}:2147483648.0`);
    return `${x}>0.0?${cut}:(${x}<0.0?0.0-${cut}:0.0)`;
  },
  toFloat: identity,
};

/** Those that differ on int32, which has one zero and no NaN. Exact up to 2^24; nothing wraps around. */
export const elementwiseIntText: Readonly<Record<string, Formula>> = {
  mul: (_, x, y) => `${x}*${y}+0.0`,
  neg: (_, x) => `0.0-${x}`,
  floor: identity,
  ceil: identity,
  round: identity,
};
