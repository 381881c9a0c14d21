import { anyFinite, check, schedule as kind } from "./check.js";
import type { Schedule } from "./schedule.js";

/**
 * Lets a schedule drive a property of any object, such as the `lr` of an optimizer of another library.
 *
 * Downhill's optimizers take the schedule itself and need none of this: `new Adam(parameters, { lr: schedule })`.
 *
 * @param target - the object. Its property is set to the rate of the first step at once
 * @param schedule - the rate of each step
 * @param property - the name of the property, default "lr"
 * @returns a function to call after each training step: it sets the rate of the next one and returns it
 * @throws TypeError when `target` has no such property that is a finite number, or `schedule` is no function
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
 * const nextMomentum = applyTo(optimizer, cyclicMomentum({ up: 2 }), "momentum");
 * nextMomentum(); // => 0.85
 * optimizer.momentum; // => 0.85
 * ```
 * @reference As the step() of PyTorch's schedulers, https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export function applyTo<Name extends string = "lr">(
  target: { [Key in Name]: number },
  schedule: Schedule,
  property: Name = "lr" as Name,
): () => number {
  check("applyTo", "schedule", schedule, kind);
  const owner = target as Record<string, number>;
  check("applyTo", `target.${property}`, owner?.[property], anyFinite);
  let step = 0;
  const next = () => {
    owner[property] = schedule(step++);
    return owner[property];
  };
  next();
  return next;
}
