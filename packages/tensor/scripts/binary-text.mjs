// Bytes as printable text: one character for each of the 88 most frequent byte values, two for the others. The code of a
// byte never depends on its neighbours, so gzip finds the same repeats as in the bytes: 14 KB, against 16 as hexadecimal
// digits and 28 as base64. src/engines/cpu/wasm.ts reads it back.
const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (c) => !"\"'$\\`".includes(c),
);
const prefixes = printable.slice(0, 2);
const singles = printable.slice(2);

/** The text, and for every byte value one bit, in hexadecimal digits: whether it has a character of its own. */
export function binaryText(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const values = [...counts.keys()];
  const frequent = new Set([...values].sort((x, y) => counts[y] - counts[x]).slice(0, singles.length));
  const codes = new Array(256);
  values
    .filter((byte) => frequent.has(byte))
    .forEach((byte, i) => {
      codes[byte] = singles[i];
    });
  values
    .filter((byte) => !frequent.has(byte))
    .forEach((byte, i) => {
      codes[byte] = prefixes[Math.floor(i / singles.length)] + singles[i % singles.length];
    });
  const own = Array.from({ length: 64 }, (_, i) =>
    [0, 1, 2, 3].reduce((digit, k) => digit + (frequent.has(4 * i + k) ? 1 << k : 0), 0).toString(16),
  ).join("");
  return { text: Array.from(bytes, (byte) => codes[byte]).join(""), own };
}
