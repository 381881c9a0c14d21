import type { Statements } from "./text-block.js";

/** The generator of engines/random-unit.ts in float32 arithmetic, which is exact: random number `index` (below 2^24). */
export function uniformText(at: Statements, index: string, key0: string, key1: string, key2: string): string {
  const i = at.keep(index);
  const left = at.variable(`Math.floor(${i}*0.000244140625)`);
  const right = at.variable(`${i}-${left}*4096.0`);
  const [round, key, a, b, mixed, next] = Array.from({ length: 6 }, () => at.name()) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const cut = (x: string): string => `${x}=${x}-Math.floor(${x}*0.000244140625)*4096.0;`;
  at.add(
    `for(let ${round}=0;${round}<8;${round}++){` +
      `let ${key}=${key0};if(${round}===1||${round}===4||${round}===7){${key}=${key1};}` +
      `if(${round}===2||${round}===5){${key}=${key2};}${key}=${key}+${round}*619.0;` +
      `let ${a}=${right}+${key};${cut(a)}let ${b}=${right}*2.0+1.0+${key};${cut(b)}` +
      `let ${mixed}=${a}*${b};${mixed}=Math.floor(${mixed}*0.015625);${cut(mixed)}` +
      `let ${next}=${left}+${mixed}+${key};${cut(next)}${left}=${right};${right}=${next};}`,
  );
  return at.keep(`(${left}*4096.0+${right})*5.9604644775390625e-8`);
}
