import type { Schedule } from "@downhill/schedulers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll, describe, evaluate, tensor } from "@downhill/tensor";
import { call } from "./call.js";
import { rateAt } from "./core.js";
import type { GuardOptions, Setup } from "./groups.js";
import { setUp } from "./groups.js";
import type { Memory } from "./lbfgs-memory.js";
import { along, dot, joined, largest, remember } from "./lbfgs-memory.js";
import { loadMemory, saveMemory } from "./lbfgs-state.js";
import { NonFiniteError } from "./non-finite-error.js";
import type { Rule } from "./rule.js";
import type { OptimizerState } from "./state-dict.js";
import type { LinePoint } from "./strong-wolfe.js";
import { strongWolfe } from "./strong-wolfe.js";

/** Options of {@link LBFGS}, complete. */
export interface LBFGSSettings {
  /** Length of a step, of the first one of the line search: a finite number of at least 0, or a schedule. @defaultValue 1 */
  readonly lr: number | Schedule;
  /** Most iterations of a step, an integer of at least 1. @defaultValue 20 */
  readonly maxIter: number;
  /** Most calls of the closure in a step, an integer of at least 1; null for 1.25 times `maxIter`. @defaultValue null */
  readonly maxEval: number | null;
  /** Done when no element of the gradient is larger, at least 0. @defaultValue 1e-7 */
  readonly toleranceGrad: number;
  /** Done when neither loss nor a parameter changes by more, at least 0. @defaultValue 1e-9 */
  readonly toleranceChange: number;
  /** Steps that are remembered, an integer of at least 1. @defaultValue 100 */
  readonly historySize: number;
  /** How the length of a step is found: `"strongWolfe"`, or null for `lr`. @defaultValue null */
  readonly lineSearchFn: "strongWolfe" | null;
}

/** Options of {@link LBFGS}. */
export type LBFGSOptions = { readonly [Name in keyof LBFGSSettings]?: LBFGSSettings[Name] | undefined } & GuardOptions;

/** Only what is checked: the update is not one of each parameter alone. */
const rule: Rule<LBFGSSettings> = {
  name: "LBFGS",
  defaults: {
    lr: 1,
    maxIter: 20,
    maxEval: null,
    toleranceGrad: 1e-7,
    toleranceChange: 1e-9,
    historySize: 100,
    lineSearchFn: null,
  },
  ranges: {
    maxIter: { low: 1, integer: true },
    maxEval: { low: 1, integer: true, nullable: true },
    toleranceGrad: { low: 0 },
    toleranceChange: { low: 0 },
    historySize: { low: 1, integer: true },
  },
  check({ lineSearchFn }) {
    if (lineSearchFn !== null && lineSearchFn !== "strongWolfe")
      throw new RangeError(`LBFGS: "lineSearchFn" expected "strongWolfe" or null, got ${describe(lineSearchFn)}`);
  },
  init: () => ({}),
  numbers: () => ({}),
  update: (_gradient, _slots, parameter) => ({ parameter, slots: {} }),
};

/**
 * A quasi-Newton method: from the last steps it estimates how the gradient changes, and goes to where it would be 0. For
 * small problems with a loss that is the same at every call: whole data sets, fits, solvers. Not for noisy batches.
 *
 * $$ d_k = -H_k \nabla f(\theta_k), \qquad \theta_{k+1} = \theta_k + t_k d_k $$
 *
 * $H_k$ is the inverse curvature that follows from the last `historySize` pairs $s_i = t_i d_i$ and
 * $y_i = \nabla f(\theta_{i+1}) - \nabla f(\theta_i)$ with $y_i^\top s_i > 10^{-10}$, by the recursion in two loops, from
 * $H = (y^\top s / y^\top y) I$. $t_k$ is `lr`, or the result of a line search that begins there (strong conditions of Wolfe,
 * $c_1 = 10^{-4}$, $c_2 = 0.9$); in the very first iteration it is `lr` times $\min(1, 1 / \|\nabla f\|_1)$.
 *
 * One step is up to `maxIter` iterations, and computes loss and gradient many times: `step(closure)` or `minimize(loss)`.
 * The directions are computed in JavaScript, in doubles; loss and gradients are read for that, so a step must be awaited.
 * The state is there too: `8 · historySize + 8` bytes for each element of the parameters, and none in the engine.
 *
 * The constructor takes parameters, as one group as in PyTorch, and options: `lr` (a finite number of at least 0 or a
 * schedule, default 1), `maxIter` (an integer of at least 1, default 20), `maxEval` (an integer of at least 1, or null for
 * 1.25 times `maxIter`; default null), `toleranceGrad` (at least 0, default 1e-7), `toleranceChange` (at least 0, default
 * 1e-9), `historySize` (an integer of at least 1, default 100), `lineSearchFn` (`"strongWolfe"` or null, default null),
 * `errorIfNonFinite` (default true).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, there are groups, or an option is out of its range
 * @example
 * ```ts
 * import { LBFGS } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const w = parameter([-1.5, 1]);
 * const optimizer = new LBFGS([w], { lineSearchFn: "strongWolfe", maxIter: 100 });
 * // Rosenbrock's valley
 * const loss = await optimizer.minimize(() => {
 *   const [x, y] = [w.slice([0], [1]), w.slice([1], [2])];
 *   return x.sub(1).square().add(y.sub(x.square()).square().mul(100)).sum();
 * });
 * await loss.item(); // => 162.5
 * (await w.sub(1).abs().max().item()) < 1e-3; // => true
 * ```
 * @reference Nocedal & Wright (2006), Numerical Optimization, algorithms 7.4 and 3.5, in the form of PyTorch's LBFGS, https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 */
export class LBFGS {
  readonly #setup: Setup;
  #settings: LBFGSSettings;
  #memory: Memory | null = null;
  #steps = 0;

  constructor(parameters: Iterable<Parameter> | Iterable<readonly [string, Parameter]>, options: LBFGSOptions = {}) {
    this.#setup = setUp(rule as Rule, parameters, options);
    if (this.#setup.groups.length > 1)
      throw new RangeError(`LBFGS: "parameters" expected one group, got ${this.#setup.groups.length}`);
    this.#settings = this.#setup.groups[0]?.settings as LBFGSSettings;
    if (this.#setup.base.maximize)
      throw new TypeError('LBFGS: "options" expected no "maximize", got true; return the negative of what is to grow');
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Learning rate that the next step uses. */
  get lr(): number {
    return rateAt("LBFGS", this.#settings, this.#steps);
  }

  /** What it trains. */
  get parameters(): Parameter[] {
    return this.#setup.groups.flatMap(({ members }) => members.map(({ parameter }) => parameter));
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const each of this.parameters) each.zeroGrad();
  }

  /**
   * Up to `maxIter` iterations.
   *
   * @param closure - clears the gradients, computes the loss, calls `backward()` and returns the loss; called many times
   * @returns the loss of the first call
   * @throws TypeError (a rejection) without a closure, or when it returns no tensor
   * @throws Error (a rejection) when the closure leaves no gradient
   * @throws NonFiniteError (a rejection) when loss or gradient are not finite; parameters and state are as before then
   */
  async step(closure: () => Tensor): Promise<Tensor> {
    if (typeof closure !== "function")
      throw new TypeError(
        `LBFGS.step: "closure" expected a function that gives the loss again, got ${describe(closure)}; or use minimize(loss)`,
      );
    const lr = this.lr;
    const parameters = this.parameters;
    const start = await valuesOf(parameters);
    let first: Tensor | null = null;
    const evaluateAt = async (): Promise<Pick<LinePoint, "loss" | "gradient">> => {
      const loss = call("LBFGS.step", "closure", closure);
      first ??= loss;
      return lossAndGradient(loss, parameters);
    };
    try {
      const memory = await this.#iterate(evaluateAt, start, lr);
      this.#memory = memory;
    } catch (error) {
      await move(parameters, start);
      throw error;
    }
    this.#steps++;
    return first as unknown as Tensor;
  }

  /**
   * One step on a loss, which is computed many times.
   *
   * @param loss - gives the loss, a scalar
   * @returns the loss before the step
   * @throws what `step()` throws, as rejections
   */
  minimize(loss: () => Tensor): Promise<Tensor> {
    return this.step(() => {
      this.zeroGrad();
      const value = call("LBFGS.minimize", "loss", loss);
      value.backward();
      return value;
    });
  }

  /** Everything that the optimizer remembers, as plain data; a schedule is code and not saved. */
  async stateDict(): Promise<OptimizerState> {
    return saveMemory(rule as Rule, this.#settings, this.#steps, this.#setup.groups, this.#memory);
  }

  /**
   * Goes on from a state of `stateDict()`.
   *
   * @param state - what `stateDict()` gave
   * @throws TypeError when it is no state dict, or that of another optimizer
   * @throws RangeError when parameters, shapes or sizes don't fit; nothing has changed then
   */
  loadStateDict(state: OptimizerState): void {
    const { settings, steps, memory } = loadMemory(rule as Rule, this.#setup.groups, state);
    this.#settings = settings as LBFGSSettings;
    this.#steps = steps;
    this.#memory = memory;
  }

  async #iterate(
    evaluateAt: () => Promise<Pick<LinePoint, "loss" | "gradient">>,
    start: Float32Array,
    lr: number,
  ): Promise<Memory | null> {
    const { maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn } = this.#settings;
    const parameters = this.parameters;
    const most = maxEval ?? Math.floor((maxIter * 5) / 4);
    let memory = this.#memory;
    let at = start;
    let { loss, gradient } = this.#checked(await evaluateAt(), lr);
    let calls = 1;
    for (let i = 1; largest(gradient) > toleranceGrad; i++) {
      memory = remember(memory, gradient, historySize);
      const { direction } = memory;
      const slope = dot(gradient, direction);
      const total = gradient.reduce((sum, g) => sum + Math.abs(g), 0);
      let t = memory.iterations === 1 ? Math.min(1, 1 / total) * lr : lr;
      memory = { ...memory, t };
      if (slope > -toleranceChange) return memory;
      const before = loss;
      const from = at;
      if (lineSearchFn === null) {
        at = along(from, t, direction);
        await move(parameters, at);
        // The last iteration leaves it to the next step to look where it came to.
        if (i < maxIter) {
          ({ loss, gradient } = this.#checked(await evaluateAt(), lr));
          calls++;
        }
      } else {
        const probe = async (length: number): Promise<LinePoint> => {
          await move(parameters, along(from, length, direction));
          const found = await evaluateAt();
          return { ...found, t: length, slope: dot(found.gradient, direction) };
        };
        const found = await strongWolfe(probe, { t: 0, loss, gradient, slope }, t, largest(direction), toleranceChange);
        ({ t, loss, gradient } = this.#checked(found.point, lr));
        calls += found.calls;
        memory = { ...memory, t };
        at = along(from, t, direction);
        await move(parameters, at);
      }
      const still = largest(direction) * t <= toleranceChange || Math.abs(loss - before) < toleranceChange;
      if (i >= maxIter || calls >= most || still) return memory;
    }
    return memory;
  }

  /** The point, unless its loss or gradient is not finite. */
  #checked<Point extends Pick<LinePoint, "loss" | "gradient">>(point: Point, lr: number): Point {
    if (!this.#setup.errorIfNonFinite) return point;
    const { loss, gradient } = point;
    if (!Number.isFinite(loss)) throw new NonFiniteError("LBFGS", { step: this.#steps, parameter: null, lr });
    let end = 0;
    for (const { parameter, name } of this.#setup.groups.flatMap(({ members }) => members)) {
      const own = gradient.subarray(end, end + parameter.size);
      if (!own.every(Number.isFinite)) throw new NonFiniteError("LBFGS", { step: this.#steps, parameter: name, lr });
      end += parameter.size;
    }
    return point;
  }
}

async function valuesOf(tensors: readonly Tensor[]): Promise<Float32Array> {
  return joined((await Promise.all(tensors.map((each) => each.data()))) as Float32Array[]);
}

/** Both are read after one evaluation; a parameter without a gradient has one of 0. */
async function lossAndGradient(
  loss: Tensor,
  parameters: readonly Parameter[],
): Promise<Pick<LinePoint, "loss" | "gradient">> {
  if (parameters.every(({ grad }) => grad === null))
    throw new Error("LBFGS.step: no parameter has a gradient; call backward() in the closure, or use minimize(loss)");
  const gradients = parameters.map((each) => each.grad ?? tensor(new Float32Array(each.size)));
  await evaluate(loss, ...gradients);
  const [value, gradient] = await Promise.all([loss.item(), valuesOf(gradients)]);
  return { loss: value, gradient };
}

/** Moves the parameters to the values, all in one evaluation. */
async function move(parameters: readonly Parameter[], values: Float32Array): Promise<void> {
  let end = 0;
  await assignAll(
    parameters.map((each) => {
      const own = values.subarray(end, end + each.size);
      end += each.size;
      return [each, tensor(own, { shape: each.shape })] as const;
    }),
    { consumed: parameters },
  );
}
