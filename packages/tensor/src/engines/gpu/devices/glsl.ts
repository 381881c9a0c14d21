import type { KernelSource } from "./device.js";
import type { Factor, Tiling } from "./glsl-product.js";
import { keptGlsl, productsGlsl, rowFunctions, tileOutputs, tileStatements, tilingOf } from "./glsl-product.js";
import { replaced } from "./gpu-js.js";

/**
 * gpu.js's GLSL of a kernel for textures that hold four elements a texel, with what it can't say: further outputs, and products
 * of matrices in tiles, which another shader has drawn, or which are the output. A fragment does the work of four threads, or
 * that of the sixteen of a tile.
 */
export function completeGlsl(code: string, source: KernelSource): string {
  const { arrays, results = [], product, tiles } = source;
  const inputs = Array.from({ length: arrays }, (_, i) => ({
    sampler: `user_a${i}`,
    size: `user_a${i}Size`,
    columns: tiles?.inputs[i] ?? 0,
  }));
  const keeps = product !== undefined && tiles?.output === true;
  const tiling = product === undefined ? null : tilingOf(product);
  let text = withReading(code, inputs);
  const further = results.map((_, i) => `layout(location = ${i + 1}) out vec4 data${i + 1};`);
  const outputs = keeps ? tileOutputs : ["layout(location = 0) out vec4 data0;", ...further];
  const values = results.map((_, i) => `float kernelResult${i + 1};`);
  text = replaced(text, /out vec4 data0;/, [...outputs, ...values].join("\n"));
  const locals = results.map((local, i) => `kernelResult${i + 1} = user_${local};\n`);
  text = replaced(text, /kernelResult = (?=[^;]*;\s*return;)/, `${locals.join("")}$&`, results.length > 0);
  const before = inputs.filter(({ columns }) => columns > 0).map(keptGlsl);
  if (product !== undefined && tiling !== null) {
    const { total, value } = product;
    const computed = new RegExp(`float user_${total}=[\\s\\S]*?float user_${value}=user_${total};`);
    text = replaced(text, computed, `float user_${value}=productOfThread;`);
    before.push("float productOfThread;", ...(keeps ? rowFunctions : [productsGlsl(product, tiling)]));
  }
  // The element with the thread's own number comes with those of its neighbours, where they lie together.
  const own = new Map<string, string>();
  for (const { sampler, size, columns } of inputs) {
    const together = columns % 4 === 0 && (!keeps || product.n % 4 === 0);
    const without = text.replaceAll(ownElement(sampler), `own_${sampler}[lane]`);
    if (!together || without === text) continue;
    own.set(`own_${sampler}`, columns > 0 ? `around_${sampler}(first)` : `four(${sampler}, ${size}, first)`);
    text = without;
  }
  before.push(...[...own.keys()].map((name) => `vec4 ${name};`), "int lane;");
  text = replaced(text, /void kernel\(\)/, `${before.join("\n")}\n$&`);
  const reads = [...own].map(([name, read]) => `    ${name} = ${read};`);
  const main =
    keeps && tiling !== null
      ? tileMain(source, tiling, inputs as [Factor, Factor], reads)
      : rowMain(source, tiling !== null, reads);
  return replaced(text, /void main\(void\) \{[\s\S]*\}/, main.join("\n"));
}

/** An array's element with the number of the thread. */
const ownElement = (sampler: string): RegExp =>
  new RegExp(`(?:element_${sampler}\\(|getFloatFromSampler2D\\(${sampler}, \\w+, \\w+, 0, 0, )threadId\\.x\\)`, "g");

/** gpu.js finds an element by divisions, in textures that hold one a texel. */
function withReading(code: string, inputs: readonly Factor[]): string {
  const four = [
    "vec4 four(sampler2D tex, vec2 scale, int x) {",
    "  float at = float(x >> 2) * scale.x;",
    "  float y = floor(at);",
    "  return textureLod(tex, vec2(at - y + 0.5 * scale.x, (y + 0.5) * scale.y), 0.0);",
    "}",
    "float getFloatFromSampler2D(sampler2D tex, vec2 scale, ivec3 texDim, int z, int y, int x) {",
    "  return four(tex, scale, x)[x & 3];",
    "}",
  ];
  let text = replaced(code, /float getFloatFromSampler2D\([^)]*\) \{[^}]*\}/, four.join("\n"), inputs.length > 0);
  for (const { sampler, size, columns } of inputs) {
    const array = new RegExp(`sampler2D ${sampler};`);
    if (columns === 0) text = replaced(text, new RegExp(`uniform highp ivec2 ${size};`), `uniform highp vec2 ${size};`);
    else {
      text = replaced(text, array, `sampler2DArray ${sampler};`);
      text = text.replaceAll(
        new RegExp(`getFloatFromSampler2D\\(${sampler}, \\w+, \\w+, 0, 0, `, "g"),
        `element_${sampler}(`,
      );
    }
  }
  return text;
}

/** A fragment for four threads in a row. */
function rowMain({ product, results = [] }: KernelSource, drawn: boolean, reads: readonly string[]): string[] {
  const n = product?.n ?? 0;
  const inFours = n % 4 === 0;
  const uneven = `productsAround(first + lane)[(first + lane) % ${n} & 3]`;
  const names = ["", ...results.map((_, i) => `${i + 1}`)];
  const numbers = ["0", ...names.slice(1)];
  return [
    "void main(void) {",
    "  int first = (int(gl_FragCoord.x) + int(gl_FragCoord.y) * uTexSize.x) * 4;",
    ...(drawn && inFours ? ["  vec4 around = productsAround(first);"] : []),
    ...reads,
    ...numbers.map((number) => `  vec4 values${number};`),
    "  for (lane = 0; lane < 4; lane++) {",
    "    threadId = ivec3(first + lane, 0, 0);",
    ...(drawn ? [`    productOfThread = ${inFours ? "around[lane]" : uneven};`] : []),
    "    kernel();",
    ...numbers.map((number, i) => `    values${number}[lane] = kernelResult${names[i]};`),
    "  }",
    ...numbers.map((number) => `  data${number} = values${number};`),
    "}",
  ];
}

/** A fragment for a tile. */
function tileMain(
  { product }: KernelSource,
  tiling: Tiling,
  factors: readonly [Factor, Factor],
  reads: readonly string[],
): string[] {
  const { n } = product as NonNullable<typeof product>;
  const rows = [0, 1, 2, 3];
  return [
    "void main(void) {",
    "  int tile = int(gl_FragCoord.x) + int(gl_FragCoord.y) * uTexSize.x;",
    ...tileStatements(product as NonNullable<typeof product>, tiling, factors),
    `  vec4 rows[4] = vec4[4](${rows.map((i) => `row${i}`)});`,
    "  for (int i = 0; i < 4; i++) {",
    `    int first = (row + i) * ${n} + column;`,
    ...reads,
    "    for (lane = 0; lane < 4; lane++) {",
    "      threadId = ivec3(first + lane, 0, 0);",
    "      productOfThread = rows[i][lane];",
    "      kernel();",
    "      rows[i][lane] = kernelResult;",
    "    }",
    "  }",
    ...rows.map((i) => `  data${i} = rows[${i}];`),
    "}",
  ];
}
