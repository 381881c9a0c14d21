import { close } from "./close.js";
import type { Input } from "./gradcheck.js";

/** A loss at chosen places; `draw` gives numbers of its domain, the same ones in every run. */
export interface Trial {
  evaluate(inputs: readonly Input[], target: Input): number[];
  draw(): number;
  readonly inputs: readonly Input[];
  readonly target: Input;
}

const tight = { relative: 1e-9, absolute: 1e-9 };
const map = ({ values, shape }: Input, f: (value: number) => number): Input => ({ values: values.map(f), shape });
const negative = (input: Input): Input => map(input, (value) => -value);

function drawn({ inputs, draw }: Trial): Input[] {
  return inputs.map((input) => map(input, draw));
}

/** What may hold for a loss, whatever its inputs; each throws when it does not. */
export const properties = {
  "zero at target": (trial: Trial): void => {
    close(
      trial.evaluate([trial.target], trial.target),
      trial.evaluate(trial.inputs, trial.target).map(() => 0),
      tight,
    );
  },
  nonnegative: (trial: Trial): void => {
    for (const value of trial.evaluate(drawn(trial), trial.target))
      if (!(value >= 0)) throw new Error(`expected at least 0, got ${value}`);
  },
  symmetric: (trial: Trial): void => {
    const [a] = drawn(trial) as [Input];
    close(trial.evaluate([a], trial.target), trial.evaluate([trial.target], a), tight);
  },
  convex: (trial: Trial): void => {
    const [a, b] = [drawn(trial), drawn(trial)];
    const middle = a.map(({ shape, values }, i) => ({
      shape,
      values: values.map((value, j) => (value + ((b[i] as Input).values[j] as number)) / 2),
    }));
    const [left, right] = [trial.evaluate(a, trial.target), trial.evaluate(b, trial.target)];
    trial.evaluate(middle, trial.target).forEach((value, i) => {
      const mean = ((left[i] as number) + (right[i] as number)) / 2;
      if (!(value <= mean + 1e-9)) throw new Error(`expected at most ${mean} in the middle, got ${value}`);
    });
  },
  /** The same number added to every entry of all inputs. */
  "invariant to shift": (trial: Trial): void => {
    const inputs = drawn(trial);
    const shift = trial.draw();
    const shifted = inputs.map((input) => map(input, (value) => value + shift));
    close(trial.evaluate(shifted, trial.target), trial.evaluate(inputs, trial.target), tight);
  },
  "the same with all signs turned": (trial: Trial): void => {
    const inputs = drawn(trial);
    const turned = trial.evaluate(inputs.map(negative), negative(trial.target));
    close(turned, trial.evaluate(inputs, trial.target), tight);
  },
  /** For probabilities: p and target against 1 - p and 1 - target. */
  "the same for complements": (trial: Trial): void => {
    const inputs = drawn(trial);
    const other = (input: Input): Input => map(input, (value) => 1 - value);
    close(trial.evaluate(inputs.map(other), other(trial.target)), trial.evaluate(inputs, trial.target), tight);
  },
  /** Inputs and target times one positive number, as in another unit of length. */
  "the same in any unit": (trial: Trial): void => {
    const inputs = drawn(trial);
    const factor = 0.5 + Math.abs(trial.draw());
    const scaled = (input: Input): Input => map(input, (value) => value * factor);
    close(trial.evaluate(inputs.map(scaled), scaled(trial.target)), trial.evaluate(inputs, trial.target), tight);
  },
  /** Three times the error gives three times the loss. */
  homogeneous: (trial: Trial): void => {
    const inputs = drawn(trial);
    const tripled = trial.evaluate(
      inputs.map((input) => map(input, (value) => value * 3)),
      map(trial.target, (value) => value * 3),
    );
    close(
      tripled,
      trial.evaluate(inputs, trial.target).map((value) => value * 3),
      tight,
    );
  },
};

/** Name of a property. */
export type Property = keyof typeof properties;
