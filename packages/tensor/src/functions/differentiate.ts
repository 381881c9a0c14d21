import { gradients, tracksOthers } from "../autograd.js";
import { describe, integer } from "../check.js";
import type { Node } from "../node.js";
import { literal, state } from "../node.js";
import { detach, expand } from "../ops/movement.js";
import { trace, tracing } from "../ops/trace.js";
import { evaluateNodes, whole } from "../runtime/backward.js";
import { currentLauncher } from "../runtime/engines.js";
import { Tensor } from "../tensor.js";

/**
 * Runs `f` without recording for differentiation: its results need no gradient.
 *
 * @param f - what to run; returns anything
 * @returns what `f` returns
 * @example
 * import { noGrad, parameter } from "@downhill/tensor";
 * const weight = parameter([1, 2]);
 * noGrad(() => weight.mul(2)).requiresGrad; // => false
 */
export function noGrad<T>(f: () => T): T {
  const recording = state.recording;
  state.recording = false;
  try {
    const result = f();
    if (result instanceof Promise)
      throw new TypeError(
        'noGrad: "f" expected a function that returns at once, got one that returns a promise; await outside, or use detach()',
      );
    return result;
  } finally {
    state.recording = recording;
  }
}

/**
 * Computes several tensors in one go, sharing what they have in common.
 *
 * @param tensors - what to compute
 * @returns a promise that resolves when they are computed
 * @example
 * import { evaluate, tensor } from "@downhill/tensor";
 * const x = tensor([1, 2]).exp();
 * const [sum, mean] = [x.sum(), x.mean()];
 * await evaluate(sum, mean);
 */
export async function evaluate(...tensors: readonly Tensor[]): Promise<void> {
  evaluateAll(tensors);
  await currentLauncher().room?.(0);
}

/**
 * Like {@link evaluate}, at once, on engines that can: the built-in ones, not those of `@downhill/tensor/gpu`.
 *
 * @param tensors - what to compute
 * @example
 * import { evaluateSync, tensor } from "@downhill/tensor";
 * const x = tensor([1, 2]).exp();
 * evaluateSync(x);
 */
export function evaluateSync(...tensors: readonly Tensor[]): void {
  currentLauncher().atOnce?.("evaluate");
  evaluateAll(tensors);
}

function evaluateAll(tensors: readonly Tensor[]): void {
  for (const each of tensors)
    if (!(each instanceof Tensor)) throw new TypeError(`evaluate: "tensors" expected tensors, got ${describe(each)}`);
  evaluateNodes(tensors.map((each) => each.node));
}

/** Options of {@link grad} and {@link valueAndGrad}. */
export interface GradOptions {
  /** Which argument to differentiate for, or which ones. @defaultValue 0 */
  readonly argnums?: number | readonly number[] | undefined;
}

/** A function of tensors to a scalar. */
export type ScalarFunction<A extends readonly Tensor[]> = (...args: A) => Tensor;

/** One gradient, or an array of them when `argnums` is an array. */
export type Gradients<O> = O extends ManyGradients ? Tensor[] : Tensor;

/** Options that ask for several gradients. */
export interface ManyGradients {
  /** For which arguments. */
  readonly argnums: readonly number[];
}

/**
 * The derivative of a function of tensors to a scalar, as a function of the same arguments. It can be differentiated again.
 *
 * @param f - gives a float32 tensor with one element
 * @param options - `argnums`: for which argument (one gradient) or arguments (an array of gradients)
 * @returns a function that gives the gradient, in the shape of its argument
 * @throws RangeError when `f` gives more than one element or an argument is not float32
 * @example
 * import { grad, type Tensor, tensor } from "@downhill/tensor";
 * const cube = (x: Tensor) => x.mul(x).mul(x).sum();
 * await grad(cube)(tensor([2])).array(); // => [12]
 * const slope = (x: Tensor) => grad(cube)(x).sum();
 * await grad(slope)(tensor([2])).array(); // => [12]
 */
export function grad<A extends readonly Tensor[], const O extends GradOptions = object>(
  f: ScalarFunction<A>,
  options?: O,
): (...args: A) => Gradients<O> {
  return (...args: A) => derive("grad", f, args, options)[1] as Gradients<O>;
}

/**
 * Like {@link grad}, but the function gives the value too: `[value, gradient]`, computed together.
 *
 * @param f - gives a float32 tensor with one element
 * @param options - `argnums`: for which argument (one gradient) or arguments (an array of gradients)
 * @returns a function that gives the value and the gradient
 * @throws RangeError when `f` gives more than one element or an argument is not float32
 * @example
 * import { tensor, valueAndGrad } from "@downhill/tensor";
 * const [value, gradient] = valueAndGrad((x) => x.square().sum())(tensor([1, 2]));
 * await value.item(); // => 5
 * await gradient.array(); // => [2, 4]
 */
export function valueAndGrad<A extends readonly Tensor[], const O extends GradOptions = object>(
  f: ScalarFunction<A>,
  options?: O,
): (...args: A) => [Tensor, Gradients<O>] {
  return (...args: A) => derive("valueAndGrad", f, args, options) as [Tensor, Gradients<O>];
}

function derive<A extends readonly Tensor[]>(
  fn: string,
  f: ScalarFunction<A>,
  args: A,
  options: GradOptions = {},
): [Tensor, Tensor | Tensor[]] {
  const { argnums = 0 } = options;
  const list = typeof argnums === "number" ? [argnums] : argnums;
  for (const index of list) {
    integer(fn, "argnums", index, 0, args.length - 1);
    const arg = args[index];
    if (!(arg instanceof Tensor))
      throw new TypeError(`${fn}: argument ${index} expected a tensor, got ${describe(arg)}`);
    if (arg.dtype !== "float32")
      throw new RangeError(`${fn}: argument ${index} expected float32, got ${arg.dtype}; use cast("float32")`);
  }
  const traced = args.map((arg, i) =>
    list.includes(i) ? new Tensor(trace((arg as Tensor).node)) : arg,
  ) as readonly Tensor[] as A;
  const leaves = list.map((index) => (traced[index] as Tensor).node);
  const own = new Set(leaves);
  const { recording } = state;
  let value: Tensor;
  let found: ReadonlyMap<Node, Node>;
  for (const leaf of leaves) tracing.add(leaf);
  try {
    // To differentiate is what was asked for, also inside noGrad().
    state.recording = true;
    try {
      value = f(...traced);
    } finally {
      state.recording = recording;
    }
    checkValue(fn, value);
    found = gradients(value.node, literal(1), own);
  } finally {
    for (const leaf of leaves) tracing.delete(leaf);
  }
  // Where nobody else can ask for a gradient, the results let go of the graph: a loop over grad() stays flat.
  const keep = recording && tracksOthers(value.node, own);
  const finish = (node: Node): Tensor => new Tensor(keep ? node : detach(node));
  const results = leaves.map((leaf) => finish(gradientOf(found, leaf)));
  return [finish(value.node), typeof argnums === "number" ? (results[0] as Tensor) : results];
}

function checkValue(fn: string, value: unknown): void {
  if (!(value instanceof Tensor))
    throw new TypeError(`${fn}: "f" expected a function that returns a tensor, got ${describe(value)}`);
  if (value.size === 1 && value.dtype === "float32") return;
  throw new RangeError(
    `${fn}: "f" expected a function to one float32 number, got ${value.dtype} of shape [${value.shape.join(", ")}]; end it with .mean() or .sum()`,
  );
}

function gradientOf(found: ReadonlyMap<Node, Node>, leaf: Node): Node {
  const g = found.get(leaf);
  return g === undefined ? expand(literal(0), leaf.shape) : whole(g, leaf);
}
