import type { Product } from "./device.js";

/** Rows, and columns, that one fragment computes: WebGL2 promises to draw four texels at once. */
const side = 4;

/** Multiplications that are worth computing in tiles. */
const leastWork = 2 ** 15;

/** Tiles of a product, per sample: so many across, so many down. */
export interface Tiling {
  readonly across: number;
  readonly down: number;
}

const across = (columns: number): number => Math.ceil(columns / side);

/** How a product is cut into tiles; null where an element per thread is as good. */
export function tilingOf({ batch, m, n, k }: Product): Tiling | null {
  if (Math.min(m, n, k) < side || batch * m * n * k < leastWork) return null;
  return { across: across(n), down: Math.ceil(m / side) };
}

/** Elements of the array that keeps a product in tiles; 0: it is not kept so. */
export function keptElements(product: Product): number {
  const tiling = product.batch === 1 ? tilingOf(product) : null;
  return tiling === null ? 0 : tiling.across * tiling.down * side * side;
}

const four = [0, 1, 2, 3];

/** A factor as a shader knows it: its sampler, what tells the extents of its texture, and its columns if it is kept in tiles, else 0. */
export interface Factor {
  readonly sampler: string;
  readonly size: string;
  readonly columns: number;
}

/** The uniforms of an array: the texture, and its scale, or for one in tiles its width minus one and the power of two that its width is. */
const declared = ({ sampler, size, columns }: Factor): string =>
  columns > 0
    ? `uniform highp sampler2DArray ${sampler};\nuniform highp ivec2 ${size};`
    : `uniform highp sampler2D ${sampler};\nuniform highp vec2 ${size};`;

/** A texel of an array in tiles: row `row` of tile `tile`. */
const texelOf = (sampler: string, size: string, tile: string, row: string | number): string =>
  `texelFetch(${sampler}, ivec3((${tile}) & ${size}.x, (${tile}) >> ${size}.y, ${row}), 0)`;

/** Statements that read a factor, for four of its lines (rows of the left one, columns of the right one) at a time. */
interface Reading {
  readonly before: readonly string[];
  /** What the lines have at terms p to p + 3. */
  readonly inLoop: readonly string[];
  /** At term p + `term`, of one line or of all four. */
  readonly one: (line: number, term: number) => string;
  readonly all: (term: number) => string;
}

/**
 * `along`: the terms of a line lie side by side, `extent` of them; otherwise the lines do, `extent` of them. The first line is
 * `head`, and begins at element `start`.
 */
function readingOf(name: string, factor: Factor, head: string, start: string, extent: number, along: boolean): Reading {
  const at = (line: number, term: number): string => (along ? `${name}${line}[${term}]` : `${name}${term}[${line}]`);
  const reading = {
    one: at,
    all: (term: number) => (along ? `vec4(${four.map((line) => at(line, term)).join(", ")})` : `${name}${term}`),
  };
  const { sampler, size, columns } = factor;
  if (columns > 0) {
    const first = along ? `(${head} >> 2) * ${across(columns)}` : `${head} >> 2`;
    return {
      ...reading,
      before: [`int ${name}Tile = ${first};`],
      inLoop: [
        ...four.map((i) => `vec4 ${name}${i} = ${texelOf(sampler, size, `${name}Tile`, i)};`),
        `${name}Tile += ${along ? 1 : across(columns)};`,
      ],
    };
  }
  const even = extent % 4 === 0;
  const fetched = even
    ? (i: number): string => `fetch(${sampler}, ${size}, ${name}At${along ? i : ""})`
    : (i: number): string =>
        `unevenly(${sampler}, ${size}, ${start} + ${along ? `${i * extent} + p` : `(p + ${i}) * ${extent}`})`;
  const position = (i: number): string => `(float((${start} + ${i * extent}) >> 2) + 0.5) * ${size}.x`;
  const step = along ? "" : `${extent / 4}.0 * `;
  return {
    ...reading,
    before: even ? (along ? four : [0]).map((i) => `float ${name}At${along ? i : ""} = ${position(i)};`) : [],
    inLoop: four.flatMap((i) => [
      `vec4 ${name}${i} = ${fetched(i)};`,
      ...(even ? [`${name}At${along ? i : ""} += ${step}${size}.x;`] : []),
    ]),
  };
}

/**
 * Functions that read factors in rows. Places are counted in rows of their textures, as floats, which are exact: widths are
 * powers of two. Fetches by integers are slower where they are checked.
 */
export const rowFunctions: readonly string[] = [
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
];

/** Statements that compute the rows `row0` to `row3` of tile `tile`, which begins at `row` and `column`. */
export function tileStatements(
  product: Product,
  { across, down }: Tiling,
  factors: readonly [Factor, Factor],
): string[] {
  const { m, n, k, transposeA, transposeB, batchA, batchB } = product;
  const left = readingOf("a", factors[0], "row", "left", transposeA ? m : k, !transposeA);
  const right = readingOf("b", factors[1], "column", "right", transposeB ? k : n, transposeB);
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
  return [
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
  ];
}

/** The outputs of a shader that draws tiles: a texture for each of their rows. */
export const tileOutputs: readonly string[] = four.map((row) => `layout(location = ${row}) out vec4 data${row};`);

/** The shader that computes a tile per fragment and nothing else. */
export function tilesGlsl(product: Product, tiling: Tiling, columns: readonly [number, number]): string {
  const factors = [
    { sampler: "a", size: "aScale", columns: columns[0] },
    { sampler: "b", size: "bScale", columns: columns[1] },
  ] as const;
  const lines = [
    "#version 300 es",
    "precision highp float;",
    "precision highp int;",
    ...factors.map(declared),
    "uniform int width;",
    ...tileOutputs,
    ...rowFunctions,
    "void main() {",
    "int tile = int(gl_FragCoord.x) + int(gl_FragCoord.y) * width;",
    ...tileStatements(product, tiling, factors),
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
    "vec4 productsAround(int x) {",
    `  int row = x / ${n} % ${m};`,
    `  int tile = (x / ${m * n} * ${down} + (row >> 2)) * ${across} + (x % ${n} >> 2);`,
    `  return ${texelOf("products", "productsSize", "tile", "row & 3")};`,
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/** Functions for an array that is kept in tiles: `element_…`, and `around_…` for the four columns around an element. */
export function keptGlsl({ sampler, size, columns }: Factor): string {
  const lines = [
    `vec4 around_${sampler}(int x) {`,
    `  int row = x / ${columns};`,
    `  int tile = (row >> 2) * ${across(columns)} + ((x - row * ${columns}) >> 2);`,
    `  return ${texelOf(sampler, size, "tile", "row & 3")};`,
    "}",
    `float element_${sampler}(int x) {`,
    `  return around_${sampler}(x)[${columns % 4 === 0 ? "x" : `x % ${columns}`} & 3];`,
    "}",
  ];
  return `${lines.join("\n")}\n`;
}
