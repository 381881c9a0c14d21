import type { KernelSource } from "./device.js";
import { inFours, productGlsl } from "./glsl-product.js";
import { replaced } from "./gpu-js.js";

/**
 * gpu.js's GLSL of a kernel for textures that hold four elements a texel, with what it can't say: further outputs, and products
 * of matrices four elements at a time. A fragment does the work of four threads.
 */
export function completeGlsl(code: string, source: KernelSource): string {
  const { arrays, results = [], product } = source;
  // The place of an element by bits of its index; gpu.js divides, and asks by coordinates between 0 and 1.
  const place = "ivec2((x >> 2) & texSize.x, x >> (texSize.y + 2))";
  const reading = /(float getFloatFromSampler2D\([^)]*\) \{)[^}]*\}/;
  const four = `vec4 four(sampler2D tex, ivec2 texSize, int x) {\n  return texelFetch(tex, ${place}, 0);\n}\n`;
  let text = replaced(code, reading, `${four}$1\n  return texelFetch(tex, ${place}, 0)[x & 3];\n}`, arrays > 0);
  const outputs = results.map(
    (_, i) => `layout(location = ${i + 1}) out vec4 data${i + 1};\nfloat kernelResult${i + 1};\n`,
  );
  text = replaced(text, /out vec4 data0;/, `layout(location = 0) out vec4 data0;\n${outputs.join("")}`);
  const locals = results.map((local, i) => `kernelResult${i + 1} = user_${local};\n`);
  text = replaced(text, /kernelResult = (?=[^;]*;\s*return;)/, `${locals.join("")}$&`, results.length > 0);
  const fast = product !== undefined && inFours(product) ? product : null;
  if (fast !== null) {
    text = replaced(
      text,
      new RegExp(`float user_${fast.total}=[\\s\\S]*?float user_${fast.value}=user_${fast.total};`),
      `float user_${fast.value}=productOfThread;`,
    );
    text = replaced(text, /void kernel\(\)/, `${productGlsl(fast)}float productOfThread;\n$&`);
  }
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
  const names = ["", ...results.map((_, i) => `${i + 1}`)];
  const numbers = ["0", ...names.slice(1)];
  const main = [
    "void main(void) {",
    "  int first = (int(gl_FragCoord.x) + int(gl_FragCoord.y) * uTexSize.x) * 4;",
    ...(fast === null ? [] : ["  vec4 products = productsFrom(first);"]),
    ...[...own].map((array) => `  own_${array} = four(${array}, ${array}Size, first);`),
    ...numbers.map((number) => `  vec4 values${number};`),
    "  for (int i = 0; i < 4; i++) {",
    "    threadId = ivec3(first + i, 0, 0);",
    ...(own.size === 0 ? [] : ["    lane = i;"]),
    ...(fast === null ? [] : ["    productOfThread = products[i];"]),
    "    kernel();",
    ...numbers.map((number, i) => `    values${number}[i] = kernelResult${names[i]};`),
    "  }",
    ...numbers.map((number) => `  data${number} = values${number};`),
    "}",
  ];
  return replaced(text, /void main\(void\) \{[\s\S]*\}/, main.join("\n"));
}
