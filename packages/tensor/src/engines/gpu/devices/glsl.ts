import type { KernelSource } from "./device.js";
import { replaced } from "./gpu-js.js";

/** gpu.js's GLSL of a kernel with what it can't say: exact and quick reading of arrays, and further outputs. */
export function completeGlsl(code: string, { arrays, results = [] }: KernelSource): string {
  // The place of an element by bits of its index; gpu.js divides, and asks by coordinates between 0 and 1.
  const reading = /(float getFloatFromSampler2D\([^)]*\) \{)[^}]*\}/;
  let text = replaced(
    code,
    reading,
    "$1\n  return texelFetch(tex, ivec2(x & texSize.x, x >> texSize.y), 0).r;\n}",
    arrays > 0,
  );
  if (results.length === 0) return text;
  const outputs = results.map(
    (_, i) => `layout(location = ${i + 1}) out vec4 data${i + 1};\nfloat kernelResult${i + 1};\n`,
  );
  text = replaced(text, /out vec4 data0;/, `layout(location = 0) out vec4 data0;\n${outputs.join("")}`);
  const locals = results.map((local, i) => `kernelResult${i + 1} = user_${local};\n`);
  text = replaced(text, /kernelResult = (?=[^;]*;\s*return;)/, `${locals.join("")}$&`);
  const stores = results.map((_, i) => `data${i + 1}[0] = kernelResult${i + 1};\n`);
  return replaced(text, /data0\[0\] = kernelResult;/, `${stores.join("")}$&`);
}
