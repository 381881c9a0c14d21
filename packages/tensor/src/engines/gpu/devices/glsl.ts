import type { KernelSource } from "./device.js";
import { productsGlsl, tilingOf } from "./glsl-product.js";
import { replaced } from "./gpu-js.js";

/**
 * gpu.js's GLSL of a kernel for textures that hold four elements a texel, with what it can't say: further outputs, and products
 * of matrices that another shader has computed in tiles. A fragment does the work of four threads.
 */
export function completeGlsl(code: string, source: KernelSource): string {
  const { arrays, results = [], product } = source;
  // gpu.js finds an element by divisions, in textures that hold one a texel.
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
  let text = replaced(code, /float getFloatFromSampler2D\([^)]*\) \{[^}]*\}/, four.join("\n"), arrays > 0);
  text = replaced(text, /uniform highp ivec2 (user_a\d+Size;)/g, "uniform highp vec2 $1", arrays > 0);
  const outputs = results.map(
    (_, i) => `layout(location = ${i + 1}) out vec4 data${i + 1};\nfloat kernelResult${i + 1};\n`,
  );
  text = replaced(text, /out vec4 data0;/, `layout(location = 0) out vec4 data0;\n${outputs.join("")}`);
  const locals = results.map((local, i) => `kernelResult${i + 1} = user_${local};\n`);
  text = replaced(text, /kernelResult = (?=[^;]*;\s*return;)/, `${locals.join("")}$&`, results.length > 0);
  const tiling = product === undefined ? null : tilingOf(product);
  if (product !== undefined && tiling !== null) {
    const { total, value } = product;
    text = replaced(
      text,
      new RegExp(`float user_${total}=[\\s\\S]*?float user_${value}=user_${total};`),
      `float user_${value}=productOfThread;`,
    );
    text = replaced(text, /void kernel\(\)/, `${productsGlsl(product, tiling)}$&`);
  }
  const inFours = product !== undefined && product.n % 4 === 0;
  // Elements at the thread's own index come four at a time, too.
  const own = new Set<string>();
  text = text.replace(/getFloatFromSampler2D\((user_a\d+), \w+, \w+, 0, 0, threadId\.x\)/g, (_, array: string) => {
    own.add(array);
    return `own_${array}[lane]`;
  });
  if (own.size > 0)
    text = replaced(
      text,
      /void kernel\(\)/,
      `${[...own].map((array) => `vec4 own_${array};\n`).join("")}int lane;\n$&`,
    );
  const uneven = `productsAround(first + i)[(first + i) % ${product?.n} & 3]`;
  const names = ["", ...results.map((_, i) => `${i + 1}`)];
  const numbers = ["0", ...names.slice(1)];
  const main = [
    "void main(void) {",
    "  int first = (int(gl_FragCoord.x) + int(gl_FragCoord.y) * uTexSize.x) * 4;",
    ...(tiling !== null && inFours ? ["  vec4 around = productsAround(first);"] : []),
    ...[...own].map((array) => `  own_${array} = four(${array}, ${array}Size, first);`),
    ...numbers.map((number) => `  vec4 values${number};`),
    "  for (int i = 0; i < 4; i++) {",
    "    threadId = ivec3(first + i, 0, 0);",
    ...(own.size === 0 ? [] : ["    lane = i;"]),
    ...(tiling === null ? [] : [`    productOfThread = ${inFours ? "around[i]" : uneven};`]),
    "    kernel();",
    ...numbers.map((number, i) => `    values${number}[i] = kernelResult${names[i]};`),
    "  }",
    ...numbers.map((number) => `  data${number} = values${number};`),
    "}",
  ];
  return replaced(text, /void main\(void\) \{[\s\S]*\}/, main.join("\n"));
}
