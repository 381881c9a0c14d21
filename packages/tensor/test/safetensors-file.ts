// Safetensors files from their parts, right or wrong.

/** A file of this header and this data (or so many zeros). */
export function file(header: unknown, data: number | ArrayLike<number> = 0, length?: number | bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : (header as Uint8Array);
  const json = text instanceof Uint8Array ? text : new TextEncoder().encode(JSON.stringify(header));
  const values = typeof data === "number" ? new Uint8Array(data) : Uint8Array.from(data);
  const bytes = new Uint8Array(8 + json.length + values.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(values, 8 + json.length);
  return bytes;
}

export const entry = (dtype: string, shape: unknown, begin: number, end: number): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
export const bytesOf = (array: { buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(array.buffer);
