import type { DType, NestedArray, Tensor } from "@downhill/tensor";
import { evaluateSync, grad, parameter, tensor } from "@downhill/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Numbers } from "./close.js";
import { close, flat } from "./close.js";
import type { Tolerance } from "./engines.js";
import { engines, engineTolerance, onEngine } from "./engines.js";
import type { Input } from "./gradcheck.js";
import { gradcheck, inputOf } from "./gradcheck.js";
import { countKernels } from "./kernels.js";
import type { Property } from "./properties.js";
import { properties } from "./properties.js";

/** One argument of a loss. */
export interface LossArgument {
  readonly data: number | NestedArray;
  /** Where `data` can't tell it, because something is empty. */
  readonly shape?: readonly number[];
  /** @defaultValue "float32" */
  readonly dtype?: DType;
  /** Gradient of the sum of the value; left out for arguments that the loss is not differentiated for. */
  readonly gradient?: Numbers;
}

/** One loss at one place. */
export interface LossRow {
  /** Name of the function. */
  readonly loss: string;
  /** What comes before the options. */
  readonly arguments: readonly LossArgument[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly value: Numbers;
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
  /** Which argument is the target in the properties. @defaultValue the first without a gradient */
  readonly target?: number;
  /**
   * What the loss holds fixed when it is differentiated, as its paper does: the gradient is then not that of the value, and is
   * compared with the golden numbers only.
   */
  readonly fixed?: string;
  /** Kernels of value and gradient together; of the value for measures. @defaultValue 1 */
  readonly kernels?: number;
}

/** Any loss: its arguments, then options. */
export type LossFunction = (...args: never[]) => Tensor;

/** Rows of a file that tools/golden made; numbers that JSON can't hold are strings in it. */
export function goldenRows(file: { readonly source: string; readonly rows: readonly unknown[] }): LossRow[] {
  const numbers = (value: unknown): unknown => {
    if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
    if (Array.isArray(value)) return value.map(numbers);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, numbers(entry)]));
  };
  return file.rows.map((row) => ({ ...(numbers(row) as Omit<LossRow, "source">), source: file.source }));
}

/**
 * Tests of losses from a table: value and gradient against golden numbers on every engine, gradient and second derivative against
 * central differences, properties, kernel count; and that rows and facts are of the same losses.
 */
export function lossSuite(
  losses: Readonly<Record<string, unknown>>,
  rows: readonly LossRow[],
  facts: Readonly<Record<string, LossFacts>>,
): void {
  const names = [...new Set(rows.map(({ loss }) => loss))].sort();
  test("every loss has rows and facts", () => {
    expect(Object.keys(facts).sort()).toEqual(names);
    expect(names.filter((name) => typeof losses[name] !== "function")).toEqual([]);
  });
  for (const name of names) {
    const own = rows.filter(({ loss }) => loss === name);
    const known = facts[name];
    const loss = losses[name];
    if (typeof loss !== "function") continue;
    describe(name, () => {
      own.forEach((row, i) => void describe(title(row, i), () => rowTests(loss as LossFunction, row, known)));
      if (known !== undefined) factTests(loss as LossFunction, own[0] as LossRow, known);
    });
  }
}

function title({ arguments: [first], options, source }: LossRow, place: number): string {
  const shape = first?.shape ?? inputOf(first?.data ?? 0).shape;
  return `row ${place}: [${shape}] ${JSON.stringify(options)}, ${source}`;
}

/** A row in the form that tests vary it in: the arguments that it is differentiated for, and the others. */
class Place {
  readonly inputs: readonly Input[];
  readonly gradients: readonly Numbers[];
  readonly #loss: LossFunction;
  readonly #row: LossRow;

  constructor(loss: LossFunction, row: LossRow) {
    this.#loss = loss;
    this.#row = row;
    const free = row.arguments.filter(({ gradient }) => gradient !== undefined);
    this.inputs = free.map((each) => this.input(each));
    this.gradients = free.map(({ gradient }) => gradient as Numbers);
  }

  input({ data, shape }: LossArgument): Input {
    const input = inputOf(data);
    return shape === undefined ? input : { values: input.values, shape };
  }

  /** The loss with other inputs, and with another value of the argument `target`. */
  at(inputs: readonly Tensor[], options: object = this.#row.options, target?: { place: number; value: Input }): Tensor {
    let next = 0;
    const given = this.#row.arguments.map((each, i) => {
      if (i !== target?.place && each.gradient !== undefined) return inputs[next++] as Tensor;
      const { values, shape } = i === target?.place ? target.value : this.input(each);
      return tensor(values, { shape, dtype: each.dtype ?? "float32" });
    });
    return (this.#loss as unknown as (...args: unknown[]) => Tensor)(...given, options);
  }
}

const tensors = (inputs: readonly Input[]): Tensor[] => inputs.map(({ values, shape }) => tensor(values, { shape }));
const all = (inputs: readonly unknown[]): number[] => inputs.map((_, i) => i);

/** Compares value and gradients of a row with its golden numbers where results arrive later: on a graphics processor. */
export async function checkLater(loss: LossFunction, row: LossRow, tolerance: Tolerance): Promise<void> {
  const place = new Place(loss, row);
  const { inputs, gradients } = place;
  // Sums of large terms that cancel have the error of the terms.
  const within = (wanted: Numbers): Tolerance => {
    const largest = Math.max(0, ...flat(wanted).map(Math.abs).filter(Number.isFinite));
    return { ...tolerance, absolute: (tolerance.absolute ?? 0) * Math.max(1, largest) };
  };
  close((await place.at(tensors(inputs)).array()) as Numbers, row.value, within(row.value));
  if (inputs.length === 0) return;
  const got = grad((...at: Tensor[]) => place.at(at).sum(), { argnums: all(inputs) })(...tensors(inputs));
  for (const [i, each] of got.entries())
    close((await each.array()) as Numbers, gradients[i] as Numbers, within(gradients[i] as Numbers));
}

function rowTests(loss: LossFunction, row: LossRow, facts: LossFacts | undefined): void {
  const place = new Place(loss, row);
  const { inputs, gradients } = place;
  const scalar = (...at: Tensor[]): Tensor => place.at(at).sum();
  for (const engine of engines)
    test(`value${inputs.length > 0 ? " and gradient" : ""} on ${engine}`, () => {
      onEngine(engine, () => {
        close(place.at(tensors(inputs)).arraySync(), row.value, engineTolerance[engine]);
        if (inputs.length === 0) return;
        const got = grad(scalar, { argnums: all(inputs) })(...tensors(inputs));
        got.forEach((each, i) => {
          close(each.arraySync(), gradients[i] as Numbers, engineTolerance[engine]);
        });
      });
    });
  if (inputs.length > 0 && facts?.fixed === undefined)
    test("gradient against central differences", () => {
      gradcheck(scalar, inputs);
    });
}

function factTests(loss: LossFunction, row: LossRow, facts: LossFacts): void {
  const { holds, options = {}, domain = (unit) => unit * 3, kernels = 1 } = facts;
  const place = new Place(loss, row);
  const { inputs } = place;
  const goal = facts.target ?? row.arguments.findIndex(({ gradient }) => gradient === undefined);
  const target = place.input(row.arguments[goal] ?? { data: 0 });
  const evaluate = (at: readonly Input[], value: Input): number[] =>
    flat(place.at(tensors(at), { ...options, reduction: "none" }, { place: goal, value }).arraySync());
  for (const property of holds)
    test(property, () => {
      onEngine("reference", () => {
        fc.assert(
          fc.property(fc.gen(), (random) => {
            const draw = (): number => domain(random(fc.double, { min: -1, max: 1, noNaN: true }));
            properties[property]({ evaluate, draw, inputs, target });
          }),
          { numRuns: 20, seed: 1 },
        );
      });
    });

  const differentiable = inputs.length > 0;
  if (differentiable && facts.fixed === undefined)
    test("second derivative against central differences", () => {
      const unit = units();
      const random = inputs.map(({ values, shape }) => ({ values: values.map(() => domain(unit())), shape }));
      const direction = random.map(({ values, shape }) => ({ values: values.map(unit), shape }));
      gradcheck((...at) => {
        const first = grad((...p: Tensor[]) => place.at(p, options).sum(), { argnums: all(inputs) })(...at);
        const along = first.map((each, i) => each.mul(tensors(direction)[i] as Tensor).sum());
        return along.reduce((total, each) => total.add(each));
      }, random);
    });
  test(`${kernels} ${kernels === 1 ? "kernel" : "kernels"} for the value${differentiable ? " with its gradient" : ""}`, () => {
    const counted = countKernels(() => {
      const value = place.at(
        inputs.map(({ values, shape }) => parameter(values, { shape })),
        options,
      );
      if (differentiable) value.backward();
      evaluateSync(value);
    });
    expect(counted).toBe(kernels);
  });
}

/** Numbers between -1 and 1, the same ones in every run. */
function units(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 48271) % 2147483647;
    return (seed / 2147483647) * 2 - 1;
  };
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
