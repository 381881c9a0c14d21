import type { DType, NestedArray, Tensor } from "@downhill/tensor";
import { evaluateSync, grad, parameter, tensor } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import type { Numbers } from "./close.js";
import { close, flat } from "./close.js";
import { engines, engineTolerance, onEngine } from "./engines.js";
import type { Input } from "./gradcheck.js";
import { gradcheck, inputOf } from "./gradcheck.js";
import { countKernels } from "./kernels.js";
import type { Property } from "./properties.js";
import { properties } from "./properties.js";

/** One loss at one place. */
export interface LossRow {
  /** Name of the function. */
  readonly loss: string;
  /** What it is differentiated for: the prediction, or both scores of a pair. */
  readonly inputs: readonly (number | NestedArray)[];
  readonly target: number | NestedArray;
  readonly targetDtype?: DType | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly value: Numbers;
  /** Gradient of the sum of the value for each input; left out for measures. */
  readonly gradients?: readonly Numbers[] | undefined;
  /** Where the numbers come from. */
  readonly source: string;
}

/** What holds for a loss in general. */
export interface LossFacts {
  readonly holds: readonly Property[];
  /** Options under which it holds. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Turns a number from (-1, 1) into one that the loss takes as prediction. @defaultValue times 3 */
  readonly domain?: (unit: number) => number;
  /** Kernels of value and gradient together; of the value for measures. */
  readonly kernels: number;
}

/** Any loss: the inputs, the target, options. */
export type LossFunction = (...args: never[]) => Tensor;

/**
 * Tests of losses from a table: value and gradient against golden numbers on every engine, gradient and second derivative against
 * central differences, properties, kernel count; and that every function has a row and facts, and no row is of none.
 */
export function lossSuite(
  losses: Readonly<Record<string, LossFunction>>,
  rows: readonly LossRow[],
  facts: Readonly<Record<string, LossFacts>>,
): void {
  const names = Object.keys(losses).sort();
  test("every loss has rows and facts", () => {
    expect([...new Set(rows.map(({ loss }) => loss))].sort()).toEqual(names);
    expect(Object.keys(facts).sort()).toEqual(names);
  });
  for (const name of names) {
    const own = rows.filter(({ loss }) => loss === name);
    const known = facts[name];
    describe(name, () => {
      own.forEach((row, i) => void describe(title(row, i), () => rowTests(losses[name] as LossFunction, row)));
      const first = own[0];
      if (first !== undefined && known !== undefined) factTests(losses[name] as LossFunction, first, known);
    });
  }
}

function title({ inputs, options, source }: LossRow, place: number): string {
  const shape = inputOf(inputs[0] as NestedArray).shape;
  return `row ${place}: [${shape}] ${JSON.stringify(options)}, ${source}`;
}

type Applied = (inputs: readonly Tensor[], target: Tensor, options: object) => Tensor;
const applied =
  (loss: LossFunction): Applied =>
  (inputs, target, options) =>
    (loss as unknown as (...args: unknown[]) => Tensor)(...inputs, target, options);

function rowTests(loss: LossFunction, row: LossRow): void {
  const apply = applied(loss);
  const target = (): Tensor => tensor(row.target, { dtype: row.targetDtype ?? "float32" });
  const inputs = row.inputs.map(inputOf);
  const scalar = (...predictions: Tensor[]): Tensor => apply(predictions, target(), row.options).sum();
  const tensors = (): Tensor[] => inputs.map(({ values, shape }) => tensor(values, { shape }));

  for (const engine of engines)
    test(`value${row.gradients ? " and gradient" : ""} on ${engine}`, () => {
      onEngine(engine, () => {
        const result = apply(tensors(), target(), row.options);
        close(result.arraySync(), row.value, engineTolerance[engine]);
        if (row.gradients === undefined) return;
        const gradients = grad(scalar, { argnums: inputs.map((_, i) => i) })(...tensors());
        gradients.forEach((each, i) => {
          close(each.arraySync(), row.gradients?.[i] as Numbers, engineTolerance[engine]);
        });
      });
    });
  if (row.gradients !== undefined)
    test("gradient against central differences", () => {
      gradcheck(scalar, inputs);
    });
}

function factTests(loss: LossFunction, row: LossRow, { holds, options = {}, domain, kernels }: LossFacts): void {
  const apply = applied(loss);
  const inputs = row.inputs.map(inputOf);
  const target = inputOf(row.target);
  const targetTensor = ({ values, shape }: Input): Tensor =>
    tensor(values, { shape, dtype: row.targetDtype ?? "float32" });
  let seed = 1;
  const unit = (): number => {
    seed = (seed * 48271) % 2147483647;
    return (seed / 2147483647) * 2 - 1;
  };
  const draw = (): number => (domain ?? ((value) => value * 3))(unit());
  const evaluate = (at: readonly Input[], goal: Input): number[] => {
    const predictions = at.map(({ values, shape }) => tensor(values, { shape }));
    return flat(apply(predictions, targetTensor(goal), { ...options, reduction: "none" }).arraySync());
  };
  for (const property of holds)
    test(property, () => {
      onEngine("reference", () => {
        for (let round = 0; round < 20; round++) properties[property]({ evaluate, draw, inputs, target });
      });
    });

  const differentiable = row.gradients !== undefined;
  if (differentiable)
    test("second derivative against central differences", () => {
      const random = inputs.map(({ values, shape }) => ({ values: values.map(draw), shape }));
      const direction = random.map(({ values }) => values.map(unit));
      const argnums = inputs.map((_, i) => i);
      gradcheck((...at) => {
        const first = grad((...p: Tensor[]) => apply(p, targetTensor(target), options), { argnums })(...at);
        const along = first.map((each, i) => each.mul(tensor(direction[i] as number[], { shape: each.shape })).sum());
        return along.reduce((total, each) => total.add(each));
      }, random);
    });
  test(`${kernels} ${kernels === 1 ? "kernel" : "kernels"} for the value${differentiable ? " with its gradient" : ""}`, () => {
    const counted = countKernels(() => {
      const weights = inputs.map(({ values, shape }) => parameter(values, { shape }));
      const value = apply(weights, targetTensor(target), options);
      if (differentiable) value.backward();
      evaluateSync(value);
    });
    expect(counted).toBe(kernels);
  });
}

/** A call that must fail. */
export interface ErrorRow {
  readonly call: () => unknown;
  readonly error: new (message: string) => Error;
  readonly message: string;
}

/** Tests that each call throws this kind of error with exactly this text. */
export function errorSuite(rows: readonly ErrorRow[]): void {
  test.each(rows.map((row) => [row.message, row] as const))("%s", (_, { call, error, message }) => {
    let thrown: unknown = null;
    try {
      call();
    } catch (reason) {
      thrown = reason;
    }
    expect(thrown).toBeInstanceOf(error);
    expect((thrown as Error).message).toBe(message);
  });
}
