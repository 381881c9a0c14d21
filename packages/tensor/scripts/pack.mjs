// Bytes as printable text that gzip can't shorten any more; src/engines/cpu/bytes-of.ts reads it back and says what its
// decisions are. Here: which of the many texts for the same bytes is the shortest. Each round finds the cheapest way through
// the bytes by what every decision cost on average in the round before.

const contexts = {
  again: 32,
  newLength: 64,
  oldLength: 1088,
  distance: 2112,
  mirrored: 3136,
  literal: 3648,
  all: 5696,
};
/** The characters from # to ~ without the backslash. */
const base = 91;
/** What the highest digit of the register stands for; four digits are what the reader begins with. */
const unit = base ** 4;
const rounds = 8;
const longest = 512;

/** For every place the repetitions of earlier bytes there, each longer and farther away than the one before. */
function findRepetitions(bytes) {
  const latest = new Map();
  const earlier = new Int32Array(bytes.length).fill(-1);
  return Array.from(bytes, (_, i) => {
    const found = [];
    const pair = bytes[i] * 256 + bytes[i + 1];
    earlier[i] = latest.get(pair) ?? -1;
    latest.set(pair, i);
    for (let from = earlier[i], best = 1; from >= 0 && best < longest; from = earlier[from]) {
      if (bytes[from + best] !== bytes[i + best]) continue;
      const length = sameLength(bytes, i, i - from);
      if (length > best) found.push({ length, distance: i - from });
      best = Math.max(best, length);
    }
    return found;
  });
}

function sameLength(bytes, at, distance) {
  let length = 0;
  while (length < longest && at + length < bytes.length && bytes[at + length] === bytes[at + length - distance])
    length++;
  return length;
}

/** Calls `decide(context, bit)` for every decision of a step, in the order in which they are read. */
function describe(decide, bytes, at, { past, distance: old }, { step, length, distance }) {
  const number = (context, value) => {
    const digits = 31 - Math.clz32(value);
    for (let i = 0; i < digits; i++) decide(context + i, 1);
    decide(context + digits, 0);
    for (let i = digits; i-- > 0; ) decide(context + digits * 32 + 32 + i, (value >> i) & 1);
  };
  decide(past, step > 0 ? 1 : 0);
  if (step > 0) {
    decide(contexts.again + past, step - 1);
    if (step === 1) {
      number(contexts.newLength, length - 1);
      number(contexts.distance, distance);
    } else number(contexts.oldLength, length);
    return;
  }
  let like = past % 3 > 0;
  let value = 1;
  for (let i = 7; i >= 0; i--) {
    const bit = (bytes[at] >> i) & 1;
    const hint = (bytes[at - old] >> i) & 1;
    decide(like ? contexts.mirrored + hint * 256 + value : contexts.literal + (bytes[at - 1] >> 5) * 256 + value, bit);
    like &&= bit === hint;
    value = value * 2 + bit;
  }
}

const begin = { past: 0, distance: 0 };
const after = ({ past, distance }, taken) => ({
  past: (past * 3 + taken.step) % 27,
  distance: taken.step === 1 ? taken.distance : distance,
});

/** The cheapest steps, where a decision costs `costs[2 * context + bit]`. */
function cheapest(bytes, repetitions, costs) {
  const ways = Array.from({ length: bytes.length + 1 }, () => ({ cost: Number.POSITIVE_INFINITY }));
  ways[0] = { cost: 0, state: begin };
  for (let at = 0; at < bytes.length; at++) {
    const { cost, state } = ways[at];
    const consider = (taken) => {
      let sum = cost;
      describe((context, bit) => (sum += costs[2 * context + bit]), bytes, at, state, taken);
      if (sum < ways[at + taken.length].cost)
        ways[at + taken.length] = { cost: sum, from: at, taken, state: after(state, taken) };
    };
    consider({ step: 0, length: 1 });
    const again = state.distance > 0 ? sameLength(bytes, at, state.distance) : 0;
    for (let length = 1; length <= again; length++) consider({ step: 2, length });
    let length = 2;
    for (const found of repetitions[at])
      for (; length <= found.length; length++) consider({ step: 1, length, distance: found.distance });
  }
  const steps = [];
  for (let at = bytes.length; at > 0; at = ways[at].from) steps.unshift(ways[at].taken);
  return steps;
}

/** The arithmetic code of the steps as digits, and what every decision cost on average. */
function encode(bytes, steps) {
  const chance = new Float64Array(contexts.all).fill(0.5);
  const pace = new Float64Array(contexts.all).fill(0.35);
  const spent = new Float64Array(2 * contexts.all);
  const times = new Float64Array(2 * contexts.all);
  const digits = [];
  let low = 0;
  let range = unit;
  const shift = () => {
    if (low >= base * unit) {
      let i = digits.length - 1;
      for (; digits[i] === base - 1; i--) digits[i] = 0;
      digits[i]++;
    }
    digits.push(Math.floor(low / unit) % base);
    low = (low % unit) * base;
  };
  const decide = (context, bit) => {
    for (; range < 2 ** 24; range *= base) shift();
    const p = chance[context];
    const bound = 1 + Math.floor((range - 2) * p);
    spent[2 * context + bit] -= Math.log2((bit ? bound : range - bound) / range);
    times[2 * context + bit]++;
    if (!bit) low += bound;
    range = bit ? bound : range - bound;
    chance[context] += (bit - p) * pace[context];
    pace[context] = Math.max(1 / 24, pace[context] / (1 + pace[context]));
  };
  let at = 0;
  let state = begin;
  for (const taken of steps) {
    describe(decide, bytes, at, state, taken);
    state = after(state, taken);
    at += taken.length;
  }
  for (let i = 0; i < 5; i++) shift();
  // What was too rare to have an average costs what its frequency says.
  const costs = spent.map((sum, i) =>
    times[i] > 2 ? sum / times[i] : Math.log2((times[i] + times[i ^ 1] + 0.8) / (times[i] + 0.4)),
  );
  // The first digit is of a range larger than the one that the reader begins with: always 0.
  return { digits: digits.slice(1), costs };
}

/** The text, from which `bytesOf` makes the bytes again. */
export function pack(bytes) {
  const repetitions = findRepetitions(bytes);
  let costs = new Float64Array(2 * contexts.all).fill(0.7);
  let best = null;
  for (let round = 0; round < rounds; round++) {
    const code = encode(bytes, cheapest(bytes, repetitions, costs));
    if (best === null || code.digits.length < best.length) best = code.digits;
    costs = code.costs;
  }
  const text = best.map((digit) => String.fromCharCode(digit + (digit < 57 ? 35 : 36))).join("");
  return { length: bytes.length, text };
}
