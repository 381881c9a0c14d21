import { describe } from "./check.js";
import type { TensorData } from "./data.js";
import { leafFrom } from "./data.js";
import type { DType } from "./dtype.js";
import type { Node } from "./node.js";
import { clearGradient, writeCells } from "./runtime/backward.js";
import { Cell } from "./runtime/cell.js";
import { currentLauncher } from "./runtime/engines.js";
import type { Write } from "./runtime/launch.js";
import { show } from "./shape.js";
import type { TensorLike } from "./tensor.js";
import { Tensor, toNode } from "./tensor.js";

let unnamed = 0;

/**
 * A tensor whose value can be replaced: a trainable weight, or the state of an optimizer. Tensors built from it keep the
 * value that it had then; they can be read until the second replacement after that, later reading is an error.
 *
 * @example
 * import { parameter } from "@downhill/tensor";
 * const weight = parameter([1, 2], { name: "weight" });
 * weight.square().sum().backward();
 * await weight.grad?.array(); // => [2, 4]
 */
export class Parameter extends Tensor {
  /** @internal */
  readonly cell: Cell;

  /** @internal Parameters are made by `parameter()`, `state()` and `tensor(..., { requiresGrad: true })`. */
  constructor(cell: Cell) {
    super(cell.current);
    this.cell = cell;
  }

  /** @internal The leaf of the current value. */
  override get node(): Node {
    return this.cell.current;
  }
  /** What errors and checkpoints call it. */
  get name(): string {
    return this.cell.name;
  }
  /** Gives it another name. */
  set name(name: string) {
    this.cell.name = name;
  }
  /** The sum of the gradients of all `backward()` calls since the last `zeroGrad()`; null before the first. */
  override get grad(): Tensor | null {
    const { state, node } = this.cell.gradient;
    if (state === "used")
      throw new Error(
        `grad: the gradient of "${this.name}" was used by an optimizer step; read it before step(), or call zeroGrad() and backward() again`,
      );
    return node === null ? null : new Tensor(node);
  }
  /** Only null may be assigned: it forgets the gradient. */
  override set grad(value: null) {
    if (value !== null)
      throw new TypeError(`grad: expected null, got ${describe(value)}; gradients come from backward()`);
    clearGradient(this.cell);
  }
  /** Forgets the gradient, like `grad = null`. */
  zeroGrad(): void {
    clearGradient(this.cell);
  }
  /** Whether a backward pass left a gradient that no step has used. */
  get hasGrad(): boolean {
    return this.cell.gradient.state === "ready";
  }
  /** Replaces the value; the shape stays. */
  assign(value: TensorLike): void {
    const node = toNode("assign", "value", value);
    checkWrite("assign", this, node);
    writeCells([{ cell: this.cell, node }], new Set());
  }
}

function checkWrite(fn: string, target: Parameter, node: Node): void {
  const { shape, dtype } = target.cell;
  if (node.shape !== shape)
    throw new RangeError(
      `${fn}: "value" expected the shape of "${target.name}" ${show(shape)}, got ${show(node.shape)}`,
    );
  if (node.dtype !== dtype)
    throw new TypeError(
      `${fn}: "value" expected the dtype of "${target.name}" ${dtype}, got ${node.dtype}; use cast()`,
    );
}

/** Options of {@link parameter} and {@link state}. */
export interface ParameterOptions {
  /** Extents; those of the data when left out. */
  readonly shape?: readonly number[] | undefined;
  /** Name in errors and checkpoints. @defaultValue `"parameter"` and a number */
  readonly name?: string | undefined;
  /** Type of the elements; a trainable parameter is float32. */
  readonly dtype?: DType | undefined;
}

/** Options of {@link state}. */
export interface StateOptions extends ParameterOptions {
  /**
   * Each new value may take the memory of the old one: half the memory, but what was built from the old value can't be
   * read after the next write. @defaultValue false
   */
  readonly overwrite?: boolean | undefined;
}

/**
 * A trainable parameter: `backward()` computes its gradient, optimizers replace its value.
 *
 * @param data - numbers, nested arrays, a typed array, or a tensor whose values are copied now
 * @param options - shape and name
 * @throws RangeError when data and shape do not fit, TypeError when the data is not numbers
 * @example
 * import { parameter } from "@downhill/tensor";
 * const weight = parameter([[1, 2], [3, 4]], { name: "weight" });
 * weight.shape; // => [2, 2]
 */
export function parameter(data: TensorLike, options: ParameterOptions = {}): Parameter {
  if (options.dtype !== undefined && options.dtype !== "float32")
    throw new RangeError(
      `parameter: "dtype" expected "float32", got ${describe(options.dtype)}; only float32 can be trained, use state() for other values`,
    );
  return make("parameter", data, { ...options, dtype: "float32" }, true);
}

/**
 * A replaceable value without a gradient: what an optimizer or a layer remembers from step to step.
 *
 * @param data - numbers, nested arrays, a typed array, or a tensor whose values are copied now
 * @param options - shape, name, dtype, overwrite
 * @throws RangeError when data and shape do not fit, TypeError when the data is not numbers
 * @example
 * import { state } from "@downhill/tensor";
 * const mean = state([0, 0], { name: "running mean" });
 * mean.assign([1, 2]);
 * await mean.array(); // => [1, 2]
 */
export function state(data: TensorLike, options: StateOptions = {}): Parameter {
  return make("state", data, options, false);
}

function make(fn: string, data: TensorLike, options: StateOptions, trainable: boolean): Parameter {
  const launcher = currentLauncher();
  const source =
    data instanceof Tensor ? data.detach() : new Tensor(leafFrom(fn, data as TensorData, options.shape, options.dtype));
  const shaped = options.shape === undefined ? source : source.reshape(options.shape);
  const { node } = shaped.cast(options.dtype ?? source.dtype);
  const fill = launcher.filler(node);
  const name = options.name ?? `${fn} ${++unnamed}`;
  return new Parameter(new Cell(launcher.engine, name, trainable, node.shape, node.dtype, fill, options.overwrite));
}

/** Options of {@link assignAll}. */
export interface AssignOptions {
  /** Parameters whose gradient these writes use up. */
  readonly consumed?: Iterable<Parameter> | undefined;
}

/**
 * Replaces the values of several parameters at once: everything is computed in one plan, then all values change together,
 * or, when something fails, none. The loss of a pending `backward()` is computed along. This is what optimizers are built on.
 *
 * @param writes - pairs of a parameter and its new value, of the same shape and dtype
 * @param options - `consumed`: parameters whose gradient is used up by this
 * @returns a promise for "there is room for more work"
 * @throws (at the call, not through the promise) RangeError when a shape differs, TypeError when a dtype differs or the
 * first of a pair is no parameter
 * @example
 * import { assignAll, parameter } from "@downhill/tensor";
 * const [a, b] = [parameter([1]), parameter([2])];
 * await assignAll([[a, b.mul(10)], [b, a.mul(10)]]);
 * [await a.array(), await b.array()]; // => [[20], [10]]
 */
export function assignAll(writes: Iterable<readonly [Parameter, Tensor]>, options: AssignOptions = {}): Promise<void> {
  const list: Write[] = [];
  const seen = new Set<Parameter>();
  // By index: taking a pair apart as an iterable is slow until it is compiled.
  for (const { 0: target, 1: value } of writes) {
    if (!(target instanceof Parameter))
      throw new TypeError(
        `assignAll: "writes" expected pairs of a Parameter and a Tensor, got ${describe(target)} first`,
      );
    if (!(value instanceof Tensor))
      throw new TypeError(
        `assignAll: "writes" expected pairs of a Parameter and a Tensor, got ${describe(value)} second`,
      );
    if (seen.has(target))
      throw new RangeError(`assignAll: "writes" expected every parameter once, got "${target.name}" twice`);
    seen.add(target);
    const { node } = value;
    checkWrite("assignAll", target, node);
    list.push({ cell: target.cell, node });
  }
  writeCells(list, new Set(Array.from(options.consumed ?? [], ({ cell }) => cell)));
  return Promise.resolve(currentLauncher().room?.());
}
