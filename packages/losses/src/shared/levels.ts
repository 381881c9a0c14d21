import type { Tensor, TensorLike } from "@downhill/tensor";
import { describe, inRange, tensor } from "@downhill/tensor";
import { pairOf } from "./elementwise.js";
import { predictionOf, tensorOf } from "./inputs.js";
import { same } from "./same.js";
import { show } from "./weights.js";

/** Errors against one level of the distribution, or several at once. */
export interface LevelErrors {
  /** target - prediction, in the shape of the prediction. */
  readonly error: Tensor;
  /** The level: a number, or one per entry of the last axis. */
  readonly level: number | Tensor;
  /** 1 - level. */
  readonly rest: number | Tensor;
}

/** Prediction, target and levels, checked: a list of levels has the predictions of each on the last axis. */
export function levelErrors(
  fn: string,
  name: string,
  prediction: Tensor,
  target: TensorLike,
  level: number | readonly number[],
): LevelErrors {
  if (!Array.isArray(level)) {
    if (typeof level !== "number")
      throw new TypeError(`${fn}: "${name}" expected a number or an array of numbers, got ${describe(level)}`);
    inRange(fn, name, level, 0, 1, "both");
    const [p, t] = pairOf(fn, prediction, target);
    return { error: t.sub(p), level, rest: 1 - level };
  }
  const levels = level as readonly number[];
  if (levels.length === 0) throw new RangeError(`${fn}: "${name}" expected at least one number, got an empty array`);
  levels.forEach((each, i) => {
    inRange(fn, `${name}[${i}]`, each, 0, 1, "both");
  });
  const p = predictionOf(fn, "prediction", prediction);
  const t = tensorOf(fn, "target", target, "float32");
  if (p.shape.at(-1) !== levels.length)
    throw new RangeError(
      `${fn}: "prediction" expected ${levels.length} ${levels.length === 1 ? "entry" : "entries"} on its last axis, one per number of "${name}", got shape ${show(p.shape)}`,
    );
  const expected = p.shape.slice(0, -1);
  if (!same(t.shape, expected))
    throw new RangeError(
      `${fn}: "target" expected the shape of "prediction" without its last axis ${show(expected)}, got ${show(t.shape)}`,
    );
  return {
    error: t.unsqueeze(-1).sub(p),
    level: tensor([...levels]),
    rest: tensor(levels.map((each) => 1 - each)),
  };
}
