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
  /** All inputs and the target times the same positive number. */
  "invariant to scale": (trial: Trial): void => {
    const inputs = drawn(trial);
    const factor = 0.5 + Math.abs(trial.draw());
    const larger = (input: Input): Input => map(input, (value) => value * factor);
    close(trial.evaluate(inputs.map(larger), larger(trial.target)), trial.evaluate(inputs, trial.target), tight);
  },
  /** Inputs and target in another order along the last axis, the same one for all rows. */
  "invariant to the order of the last axis": (trial: Trial): void => {
    const inputs = drawn(trial);
    const columns = trial.target.shape.at(-1) as number;
    const order = Array.from({ length: columns }, () => trial.draw())
      .map((key, i) => [key, i] as const)
      .sort(([a], [b]) => a - b);
    const moved = ({ values, shape }: Input): Input => ({
      values: values.map((_, i) => values[i - (i % columns) + (order[i % columns]?.[1] as number)] as number),
      shape,
    });
    const expected = trial.evaluate(inputs, trial.target);
    close(trial.evaluate(inputs.map(moved), moved(trial.target)), expected, tight);
  },
  "the same with all signs turned": (trial: Trial): void => {
    const inputs = drawn(trial);
    const turned = trial.evaluate(inputs.map(negative), negative(trial.target));
    close(turned, trial.evaluate(inputs, trial.target), tight);
  },
  /** Three times the inputs, as a whole. */
  "invariant to scale of the inputs": (trial: Trial): void => {
    const inputs = drawn(trial);
    const larger = inputs.map((input) => map(input, (value) => value * 3));
    close(trial.evaluate(larger, trial.target), trial.evaluate(inputs, trial.target), tight);
  },
  /** All vectors, the last axis of the inputs, turned by one angle in the plane of their first two entries. */
  "invariant to rotation": (trial: Trial): void => {
    const inputs = drawn(trial);
    const angle = trial.draw();
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const turned = inputs.map(({ values, shape }) => {
      const dims = shape.at(-1) as number;
      const entry = (i: number): number => values[i] as number;
      const turn = (_: number, i: number): number => {
        if (i % dims === 0) return cos * entry(i) - sin * entry(i + 1);
        return i % dims === 1 ? sin * entry(i - 1) + cos * entry(i) : entry(i);
      };
      return { shape, values: values.map(turn) };
    });
    close(trial.evaluate(turned, trial.target), trial.evaluate(inputs, trial.target), tight);
  },
  /** Examples in reversed order give the losses (of examples, or of pairs of them) in reversed order. */
  "the same in any order": (trial: Trial): void => {
    const examples = trial.inputs[0]?.shape[0] as number;
    const reversed = (input: Input): Input => {
      if (input.shape[0] !== examples) return input;
      const row = input.values.length / examples;
      const place = (i: number): number => (examples - 1 - Math.floor(i / row)) * row + (i % row);
      return { shape: input.shape, values: input.values.map((_, i) => input.values[place(i)] as number) };
    };
    const inputs = drawn(trial);
    const turned = trial.evaluate(inputs.map(reversed), reversed(trial.target));
    close(turned.reverse(), trial.evaluate(inputs, trial.target), tight);
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
