/** Bytes as printable text, see scripts/pack.mjs. */
export interface Packed {
  /** How many bytes they are. */
  readonly length: number;
  readonly text: string;
}

// Where the contexts of each kind of decision begin, after those of the first kind; a number takes 1024.
const again = 32;
const newLength = 64;
const oldLength = 1088;
const newDistance = 2112;
const mirrored = 3136;
const literal = 3648;
const contexts = 5696;

/**
 * The bytes behind the text, whose characters are the digits of one long number, an arithmetic code. It tells decisions, each
 * of which takes the less room the more often it was made in its context before: whether bytes seen earlier follow and how
 * many, at the distance of last time or at another one; else the bits of a byte, after a repetition in view of the byte that
 * would have continued it. gzip leaves the text as it is, and makes 14 KB of the bytes instead of 11.4.
 */
export function bytesOf({ length, text }: Packed): Uint8Array<ArrayBuffer> {
  const chance = new Float64Array(contexts).fill(0.5);
  const pace = new Float64Array(contexts).fill(0.35);
  let at = 0;
  let code = 0;
  let range = 1;
  const bit = (context: number): number => {
    for (; range < 2 ** 24; range *= 91) {
      const character = text.charCodeAt(at++);
      // The characters from # to ~ without the backslash.
      code = code * 91 + character - (character > 92 ? 36 : 35);
    }
    const p = chance[context] as number;
    const rate = pace[context] as number;
    const bound = 1 + Math.floor((range - 2) * p);
    const one = code < bound ? 1 : 0;
    if (one) range = bound;
    else {
      code -= bound;
      range -= bound;
    }
    chance[context] = p + (one - p) * rate;
    pace[context] = Math.max(1 / 24, rate / (1 + rate));
    return one;
  };
  /** At least 1: how many binary digits follow the first, then these. */
  const number = (context: number): number => {
    let digits = 0;
    while (bit(context + digits)) digits++;
    let value = 1;
    for (let i = digits; i-- > 0; ) value = value * 2 + bit(context + digits * 32 + 32 + i);
    return value;
  };

  const bytes = new Uint8Array(length);
  let filled = 0;
  let distance = 0;
  /** The last three steps in base 3: a byte, a repetition, or one at the distance of last time. */
  let past = 0;
  while (filled < length) {
    let step = 0;
    if (bit(past)) {
      step = 1 + bit(again + past);
      const count = step > 1 ? number(oldLength) : 1 + number(newLength);
      if (step === 1) distance = number(newDistance);
      for (const end = filled + count; filled < end; filled++) bytes[filled] = bytes[filled - distance] as number;
    } else {
      let like = past % 3 > 0;
      const model = bytes[filled - distance] as number;
      const group = literal + ((bytes[filled - 1] as number) >> 5) * 256;
      let value = 1;
      for (let i = 7; i >= 0; i--) {
        const hint = (model >> i) & 1;
        const digit = bit(like ? mirrored + hint * 256 + value : group + value);
        like &&= digit === hint;
        value = value * 2 + digit;
      }
      bytes[filled++] = value;
    }
    past = (past * 3 + step) % 27;
  }
  return bytes;
}
