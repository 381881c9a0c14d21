// Bytes as printable text: one character for each of the 88 most frequent byte values, two for the others. The code of a
// byte never depends on its neighbours, so gzip finds the same repeats as in the bytes: 18 KB, against 20 as hexadecimal
// digits and 28 as base64. src/engines/cpu/wasm.ts reads it back.
const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (c) => !"\"'$\\`".includes(c),
);
const prefixes = printable.slice(0, 2);
const singles = printable.slice(2);

/** The text, and the byte values in the order of their codes as hexadecimal digits. */
export function binaryText(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const order = [...counts.keys()].sort((x, y) => counts[y] - counts[x] || x - y);
  const codes = new Array(256);
  order.forEach((byte, i) => {
    const rest = i - singles.length;
    codes[byte] = rest < 0 ? singles[i] : prefixes[Math.floor(rest / singles.length)] + singles[rest % singles.length];
  });
  return { text: Array.from(bytes, (byte) => codes[byte]).join(""), order: Buffer.from(order).toString("hex") };
}
