import type { KernelSource } from "./device.js";
import { replaced } from "./gpu-js.js";
import { productWgsl } from "./wgsl-product.js";

/** gpu.js's WGSL of a kernel with what it can't say: further outputs, and products of matrices in tiles. */
export function completeWgsl(code: string, source: KernelSource): string {
  const { arrays, results = [], extents, product } = source;
  // Arrays are read flat: neither rows nor planes, whose strides gpu.js would look up.
  const reading = /return (user_a\d+)\[u32\(x \+ [^;]*;/g;
  let text = replaced(code, reading, "return $1[u32(x)];", arrays > 0);
  if (results.length > 0) {
    const names = results.map((_, i) => `result${i + 1}`);
    const bindings = names.map(
      (name, i) => `@group(0) @binding(${arrays + 2 + i}) var<storage, read_write> ${name} : array<f32>;\n`,
    );
    const stores = results.map((local, i) => {
      const store = `${names[i]}[data_index] = user_${local};`;
      return extents === undefined ? `${store}\n` : `if (data_index < ${extents[i + 1]}) { ${store} }\n`;
    });
    text = replaced(text, /var<private> threadGid/, `${bindings.join("")}$&`);
    text = replaced(text, /result\[data_index\] = /, `${stores.join("")}$&`);
  }
  return product === undefined ? text : productWgsl(text, product);
}
