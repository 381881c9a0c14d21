import { checkShape, inRange, integer } from "./check.js";
import { randomUnit } from "./engines/random-unit.js";
import { literal, numberNode } from "./node.js";
import * as e from "./ops/elementwise.js";
import { uniform } from "./ops/indexing.js";
import { shapeOf } from "./shape.js";
import { Tensor } from "./tensor.js";

// A seed and a count of draws; unseeded programs differ from run to run, as everywhere in the field.
let seed = Math.floor(Math.random() * 2 ** 32);
let draws = 0;

/**
 * Makes everything random repeatable: initialisation, dropout, shuffling, `rand` and `randn` give the same numbers after
 * the same seed, on every engine.
 *
 * @param value - the seed, an integer from 0 to 2^53 - 1
 * @throws RangeError when it is no such integer
 * @example
 * import { manualSeed, rand } from "@downhill/tensor";
 * manualSeed(7);
 * const first = await rand([3]).array();
 * manualSeed(7);
 * const again = await rand([3]).array();
 * JSON.stringify(first) === JSON.stringify(again); // => true
 */
export function manualSeed(value: number): void {
  integer("manualSeed", "value", value, 0);
  seed = value;
  draws = 0;
}

/** State of the random numbers, for checkpoints. */
export interface RandomState {
  /** What manualSeed() was given. */
  readonly seed: number;
  /** Draws since then. */
  readonly draws: number;
}

/**
 * Where the random numbers stand, to continue a run exactly later.
 *
 * @example
 * import { rand, randomState, setRandomState } from "@downhill/tensor";
 * const state = randomState();
 * const first = await rand([2]).array();
 * setRandomState(state);
 * JSON.stringify(await rand([2]).array()) === JSON.stringify(first); // => true
 */
export function randomState(): RandomState {
  return { seed, draws };
}

/**
 * Continues the random numbers from a state of {@link randomState}.
 *
 * @param state - the state
 * @throws RangeError when it holds no integers of at least 0
 * @example
 * import { randomState, setRandomState } from "@downhill/tensor";
 * setRandomState(randomState());
 */
export function setRandomState(state: RandomState): void {
  integer("setRandomState", "seed", state.seed, 0);
  integer("setRandomState", "draws", state.draws, 0);
  seed = state.seed;
  draws = state.draws;
}

/** Three keys below 4096 for the next stream: a 32-bit mix of seed and draw, twice. */
function nextKeys(): [number, number, number] {
  const stream = ++draws;
  const a = mix(mix(seed >>> 0) ^ mix(stream) ^ Math.floor(seed / 2 ** 32));
  const b = mix(a ^ 0x9e3779b9 ^ Math.imul(stream, 0x85ebca6b));
  return [a & 4095, (a >>> 12) & 4095, b & 4095];
}

function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

function units(fn: string, shape: readonly number[]): Tensor {
  checkShape(fn, shape);
  const [k0, k1, k2] = nextKeys();
  return new Tensor(uniform(shapeOf(shape), numberNode(k0), numberNode(k1), numberNode(k2)));
}

/**
 * Uniform random numbers in [0, 1) with 24 bits.
 *
 * @param shape - extents
 * @throws RangeError when an extent is no integer of at least 0
 * @example
 * import { rand } from "@downhill/tensor";
 * rand([2, 3]).shape; // => [2, 3]
 */
export function rand(shape: readonly number[]): Tensor {
  return units("rand", shape);
}

/**
 * Random numbers of the standard normal distribution, by Box and Muller: $\sqrt{-2 \ln u}\,\cos(2\pi v)$.
 *
 * @param shape - extents
 * @throws RangeError when an extent is no integer of at least 0
 * @example
 * import { randn } from "@downhill/tensor";
 * randn([2, 3]).shape; // => [2, 3]
 * @reference Box & Muller (1958), A Note on the Generation of Random Normal Deviates
 */
export function randn(shape: readonly number[]): Tensor {
  const u = units("randn", shape).node;
  const v = units("randn", shape).node;
  // 1 - u lies in (0, 1]: its logarithm is finite.
  const radius = e.sqrt(e.mul(literal(-2), e.log(e.sub(literal(1), u))));
  return new Tensor(e.mul(radius, e.cos(e.mul(literal(2 * Math.PI), v))));
}

/**
 * Uniform random integers, int32.
 *
 * @param low - smallest value
 * @param high - one above the largest value
 * @param shape - extents
 * @throws RangeError when `low < high` does not hold, or they are more than 2^24 apart
 * @example
 * import { randint } from "@downhill/tensor";
 * const dice = randint(1, 7, [100]);
 * (await dice.max().item()) <= 6; // => true
 */
export function randint(low: number, high: number, shape: readonly number[]): Tensor {
  integer("randint", "low", low, -2147483648, 2147483646);
  integer("randint", "high", high, low + 1, Math.min(2147483647, low + 2 ** 24));
  const u = units("randint", shape).node;
  const steps = e.cast(e.floor(e.mul(u, numberNode(high - low))), "int32");
  return new Tensor(e.add(steps, numberNode(low, "int32")));
}

/**
 * The integers from 0 to `count - 1` in random order, as a plain array: what shuffling a data set needs.
 *
 * @param count - how many, at least 0
 * @throws RangeError when `count` is no integer of at least 0
 * @example
 * import { permutation } from "@downhill/tensor";
 * permutation(4).sort().join(); // => "0,1,2,3"
 */
export function permutation(count: number): Int32Array {
  integer("permutation", "count", count, 0, 2 ** 30);
  const [k0, k1, k2] = nextKeys();
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(randomUnit(i, k0, k1, k2) * (i + 1));
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}

/**
 * Ones with probability `1 - p`, zeros with probability `p`: the mask of dropout.
 *
 * @param shape - extents
 * @param p - probability of a zero, in [0, 1]
 * @throws RangeError when `p` is outside
 * @example
 * import { bernoulliMask } from "@downhill/tensor";
 * await bernoulliMask([3], 0).array(); // => [1, 1, 1]
 */
export function bernoulliMask(shape: readonly number[], p: number): Tensor {
  inRange("bernoulliMask", "p", p, 0, 1);
  const u = units("bernoulliMask", shape).node;
  return new Tensor(e.lessEqual(numberNode(p), u));
}
