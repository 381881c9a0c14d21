// Data on their way to the libraries' processes: files of raw numbers.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export function writeData(folder, data) {
  mkdirSync(folder, { recursive: true });
  return Object.entries(data).map(([name, { shape, values }]) => {
    const path = join(folder, `${name}.bin`);
    writeFileSync(path, values);
    return { name, shape, type: values instanceof Int32Array ? "int32" : "float32", path };
  });
}

export function readData(files) {
  return Object.fromEntries(
    files.map(({ name, shape, type, path }) => {
      const { buffer, byteOffset, byteLength } = readFileSync(path);
      const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
      return [name, { shape, values: type === "int32" ? new Int32Array(bytes) : new Float32Array(bytes) }];
    }),
  );
}
