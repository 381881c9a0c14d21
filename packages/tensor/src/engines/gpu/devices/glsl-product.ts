import type { Product } from "./device.js";

/** Rows, and columns, that one fragment computes: WebGL2 promises to draw four texels at once. */
export const side = 4;

/** Multiplications that are worth a pass of their own. */
const leastWork = 2 ** 15;

/** Tiles of a product, per sample: so many across, so many down. */
export interface Tiling {
  readonly across: number;
  readonly down: number;
}

/** How a product is cut into tiles; null where an element per thread is as good. */
export function tilingOf({ batch, m, n, k }: Product): Tiling | null {
  if (Math.min(m, n, k) < side || batch * m * n * k < leastWork) return null;
  return { across: Math.ceil(n / side), down: Math.ceil(m / side) };
}

const four = [0, 1, 2, 3];

/** Statements that read a factor, for four of its lines (rows of the left one, columns of the right one) at a time. */
interface Reading {
  readonly before: readonly string[];
  /** What the lines have at terms p to p + 3. */
  readonly inLoop: readonly string[];
  /** At term p + `term`, of one line or of all four. */
  readonly one: (line: number, term: number) => string;
  readonly all: (term: number) => string;
}

/** `along`: the terms of a line lie side by side, `extent` of them; otherwise the lines do, `extent` of them. */
function readingOf(name: string, start: string, extent: number, along: boolean): Reading {
  const even = extent % 4 === 0;
  const at = (line: number, term: number): string => (along ? `${name}${line}[${term}]` : `${name}${term}[${line}]`);
  const fetched = even
    ? (i: number): string => `fetch(${name}, ${name}Scale, ${name}At${along ? i : ""})`
    : (i: number): string =>
        `unevenly(${name}, ${name}Scale, ${start} + ${along ? `${i * extent} + p` : `(p + ${i}) * ${extent}`})`;
  const position = (i: number): string => `(float((${start} + ${i * extent}) >> 2) + 0.5) * ${name}Scale.x`;
  const step = along ? "" : `${extent / 4}.0 * `;
  return {
    before: even ? (along ? four : [0]).map((i) => `float ${name}At${along ? i : ""} = ${position(i)};`) : [],
    inLoop: four.flatMap((i) => [
      `vec4 ${name}${i} = ${fetched(i)};`,
      ...(even ? [`${name}At${along ? i : ""} += ${step}${name}Scale.x;`] : []),
    ]),
    one: at,
    all: (term) => (along ? `vec4(${four.map((line) => at(line, term)).join(", ")})` : `${name}${term}`),
  };
}

/**
 * The shader that computes a tile per fragment: its rows go to four textures. Places in factors are counted in rows of their
 * textures, as floats, which are exact: widths are powers of two. Fetches by integers are slower where they are checked.
 */
export function tilesGlsl(product: Product, { across, down }: Tiling): string {
  const { m, n, k, transposeA, transposeB, batchA, batchB } = product;
  const left = readingOf("a", "left", transposeA ? m : k, !transposeA);
  const right = readingOf("b", "right", transposeB ? k : n, transposeB);
  const terms = (count: number): string[] => [
    ...left.inLoop,
    ...right.inLoop,
    ...four
      .slice(0, count)
      .flatMap((term) => [
        `vec4 right${term} = ${right.all(term)};`,
        ...four.map((row) => `row${row} += ${left.one(row, term)} * right${term};`),
      ]),
  ];
  const whole = k - (k % 4);
  const lines = [
    "#version 300 es",
    "precision highp float;",
    "precision highp int;",
    "precision highp sampler2D;",
    "uniform sampler2D a;",
    "uniform sampler2D b;",
    "uniform vec2 aScale;",
    "uniform vec2 bScale;",
    "uniform int width;",
    ...four.map((row) => `layout(location = ${row}) out vec4 data${row};`),
    "vec4 fetch(sampler2D tex, vec2 scale, float at) {",
    "  float y = floor(at);",
    "  return texture(tex, vec2(at - y, (y + 0.5) * scale.y));",
    "}",
    "vec4 unevenly(sampler2D tex, vec2 scale, int x) {",
    "  float at = (float(x >> 2) + 0.5) * scale.x;",
    "  vec4 low = fetch(tex, scale, at);",
    "  vec4 high = fetch(tex, scale, at + scale.x);",
    "  int lane = x & 3;",
    "  vec4 even = lane == 0 ? low : vec4(low.zw, high.xy);",
    "  return (lane & 1) == 0 ? even : lane == 1 ? vec4(low.yzw, high.x) : vec4(low.w, high.xyz);",
    "}",
    "void main() {",
    "int tile = int(gl_FragCoord.x) + int(gl_FragCoord.y) * width;",
    `int column = tile % ${across} * 4;`,
    `int row = tile / ${across} % ${down} * 4;`,
    `int part = tile / ${across * down};`,
    `int left = ${batchA ? `part * ${m * k} + ` : ""}row${transposeA ? "" : ` * ${k}`};`,
    `int right = ${batchB ? `part * ${k * n} + ` : ""}column${transposeB ? ` * ${k}` : ""};`,
    ...left.before,
    ...right.before,
    ...four.map((row) => `vec4 row${row} = vec4(0.0);`),
    `for (int p = 0; p < ${whole}; p += 4) {`,
    ...terms(4),
    "}",
    ...(whole < k ? ["{", `int p = ${whole};`, ...terms(k - whole), "}"] : []),
    ...four.map((row) => `data${row} = row${row};`),
    "}",
  ];
  return lines.join("\n");
}

/** The function that finds the four columns of a product around an element, in the texture that tiles were drawn into. */
export function productsGlsl({ m, n }: Product, { across, down }: Tiling): string {
  const lines = [
    "uniform highp sampler2DArray products;",
    "uniform highp ivec2 productsSize;",
    "float productOfThread;",
    "vec4 productsAround(int x) {",
    `  int row = x / ${n} % ${m};`,
    `  int tile = (x / ${m * n} * ${down} + (row >> 2)) * ${across} + (x % ${n} >> 2);`,
    "  return texelFetch(products, ivec3(tile & productsSize.x, tile >> productsSize.y, row & 3), 0);",
    "}",
  ];
  return `${lines.join("\n")}\n`;
}
