import type { Product } from "./device.js";

/** Whether four elements of a product that lie in one texel are neighbours in one of its rows. */
export const inFours = ({ n, k }: Product): boolean => n % 4 === 0 && k >= 4;

/** The function for the four elements of a product from a flat index on: factors are read four at a time where they lie so. */
export function productGlsl(product: Product): string {
  const { m, n, k, transposeA, transposeB, batchA, batchB } = product;
  const even = k % 4 === 0;
  const array = (name: string): string => `user_${name}, user_${name}Size`;
  const four = (name: string, at: string): string => `four(${array(name)}, ${at})`;
  const one = (name: string, at: string): string =>
    `getFloatFromSampler2D(${array(name)}, user_${name}Dim, 0, 0, ${at})`;
  const left = (p: number): string => one("a0", transposeA ? `left + (p + ${p}) * ${m}` : `left + p + ${p}`);
  /** Term p for each of the four columns. */
  const right = (p: number): string =>
    transposeB
      ? `vec4(${[0, 1, 2, 3].map((c) => one("a1", `right + ${c * k} + p + ${p}`)).join(", ")})`
      : four("a1", `right + (p + ${p}) * ${n}`);
  const steps = [0, 1, 2, 3];
  const lefts = !transposeA && even ? four("a0", "left + p") : `vec4(${steps.map(left).join(", ")})`;
  const sums =
    transposeB && even
      ? `vec4(${steps.map((c) => `dot(a, ${four("a1", `right + ${c * k} + p`)})`).join(", ")})`
      : steps.map((p) => `a[${p}] * ${right(p)}`).join(" + ");
  const whole = k - (k % 4);
  const lines = [
    "vec4 productsFrom(int first) {",
    `  int column = first % ${n};`,
    `  int row = first / ${n} % ${m};`,
    `  int part = first / ${m * n};`,
    `  int left = ${batchA ? `part * ${m * k} + ` : ""}row${transposeA ? "" : ` * ${k}`};`,
    `  int right = ${batchB ? `part * ${k * n} + ` : ""}column${transposeB ? ` * ${k}` : ""};`,
    "  vec4 total = vec4(0.0);",
    `  for (int p = 0; p < ${whole}; p += 4) {`,
    `    vec4 a = ${lefts};`,
    `    total += ${sums};`,
    "  }",
    ...(even ? [] : [`  for (int p = ${whole}; p < ${k}; p++) { total += ${left(0)} * ${right(0)}; }`]),
    "  return total;",
    "}",
  ];
  return `${lines.join("\n")}\n`;
}
