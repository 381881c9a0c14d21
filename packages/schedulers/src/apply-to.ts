import { check, index, schedule as kind, settings } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link applyTo}. */
export interface ApplyToOptions<Name extends string = "lr"> {
  /** The property that the schedule sets. @defaultValue "lr" */
  readonly property?: Name | undefined;
  /** The step to begin at, an integer >= 0. @defaultValue 0 */
  readonly step?: number | undefined;
}

/**
 * Lets a schedule drive a property of any object, such as the `lr` of an optimizer of another library.
 *
 * Downhill's optimizers take the schedule itself and need none of this: `new Adam(parameters, { lr: schedule })`.
 *
 * @param target - the object. Its property is set to the rate of the first step at once
 * @param schedule - the rate of each step
 * @param options - `property` (default "lr") and `step` (default 0)
 * @returns a function to call after each training step: it sets the rate of the next one and returns it
 * @throws TypeError when `target` has no such property that is a number, an argument is of the wrong kind or an option
 * unknown; RangeError when `step` is out of its range
 * @example
 * ```ts
 * import { applyTo, cyclicMomentum, stepDecay } from "@downhill/schedulers";
 *
 * const optimizer = { lr: 0.1, momentum: 0.9 };
 * const next = applyTo(optimizer, stepDecay(0.1, { every: 2 }));
 * const used = [];
 * for (let step = 0; step < 4; step++) {
 *   used.push(optimizer.lr);
 *   next();
 * }
 * used; // => [0.1, 0.1, 0.01, 0.01]
 *
 * const nextMomentum = applyTo(optimizer, cyclicMomentum({ up: 2 }), { property: "momentum" });
 * nextMomentum(); // => 0.85
 * optimizer.momentum; // => 0.85
 * ```
 * @reference As the step() of PyTorch's schedulers, https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export function applyTo<Name extends string = "lr">(
  target: { [Key in Name]: number },
  schedule: Schedule,
  options: ApplyToOptions<Name> = {},
): () => number {
  const fn = "applyTo";
  check(fn, "schedule", schedule, kind);
  const name = { type: "string", expected: "the name of a property", holds: () => true };
  const { property, step: first } = settings<ApplyToOptions<string>>(
    fn,
    options,
    { property: name, step: index },
    { property: "lr", step: 0 },
  );
  const expected = `an object with a number "${property}"`;
  check(fn, "target", target, { type: "object", expected, holds: () => true });
  const owner = target as Record<string, number>;
  check(fn, `target.${property}`, owner[property], { type: "number", expected: "a number", holds: () => true });
  let step = first;
  const next = () => {
    owner[property] = schedule(step++);
    return owner[property];
  };
  next();
  return next;
}
