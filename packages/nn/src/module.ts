import type { Layer, Parameter, TensorLike } from "@downhill/tensor";
import { assignAll, describe, Tensor, tensor } from "@downhill/tensor";
import { setTraining, treeOf } from "./tree.js";

/** Options of {@link Module.loadStateDict}. */
export interface LoadOptions {
  /** Throw when names are missing or unexpected. @defaultValue true */
  readonly strict?: boolean | undefined;
}

/** What {@link Module.loadStateDict} found to be different, when it is not strict. */
export interface LoadReport {
  /** Names of the model that were not in the state. */
  readonly missing: string[];
  /** Names of the state that are not in the model. */
  readonly unexpected: string[];
}

/**
 * A layer or a model: fields that hold parameters or layers (or arrays, maps and plain objects of them) are found by
 * themselves, and their names are the paths that PyTorch gives them.
 *
 * @example
 * import { Linear, Module } from "@downhill/nn";
 * import { type Tensor, tensor } from "@downhill/tensor";
 * class Net extends Module {
 *   hidden = new Linear(4, 8);
 *   out = new Linear(8, 2);
 *   override forward(x: Tensor) {
 *     return this.out.forward(this.hidden.forward(x).relu());
 *   }
 * }
 * const net = new Net();
 * net.forward(tensor([[1, 2, 3, 4]])).shape; // => [1, 2]
 * [...net.namedParameters().keys()].join(" "); // => "hidden.weight hidden.bias out.weight out.bias"
 */
export abstract class Module implements Layer {
  /** Whether the model is being trained; dropout and its kin act only then. `fit` and `evaluate` set it. */
  training = true;

  /** The output for a batch of inputs. */
  abstract forward(x: Tensor): Tensor;

  /** What this layer is made of, by name: its fields. Override it when the names shall be others. */
  children(): Iterable<readonly [name: string, child: unknown]> {
    return Object.entries(this);
  }

  /** The trainable parameters, each once. */
  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** The trainable parameters by dotted name; one that is shared has the first of its names. Errors use these names too. */
  namedParameters(): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    const seen = new Set<Parameter>();
    for (const [name, parameter] of treeOf(this).parameters) {
      if (seen.has(parameter)) continue;
      seen.add(parameter);
      rename(parameter, name);
      if (parameter.requiresGrad) found.set(name, parameter);
    }
    return found;
  }

  /** Makes the model and everything below it act as in training (or, with false, as in use). */
  train(training = true): this {
    setTraining(this, training);
    return this;
  }

  /** Makes the model and everything below it act as in use: no dropout. */
  eval(): this {
    return this.train(false);
  }

  /** Copies of all parameters and kept state by dotted name: what safetensors files hold. */
  stateDict(): Record<string, Tensor> {
    const copies = new Map<Parameter, Tensor>();
    const entries = treeOf(this).parameters.map(([name, parameter]) => {
      const copy = copies.get(parameter) ?? parameter.clone();
      copies.set(parameter, copy);
      return [name, copy] as const;
    });
    return Object.fromEntries(entries);
  }

  /**
   * Sets parameters and kept state from a record as {@link stateDict} gives it: all of them, or on an error none.
   *
   * @param state - tensors or data by dotted name
   * @param options - `strict: false` takes what fits by name and returns the rest
   * @returns the names that were missing or unexpected
   * @throws RangeError that lists all missing and unexpected names (when strict) and all shapes that differ; TypeError
   * when `state` is no record or a dtype differs
   */
  loadStateDict(state: Readonly<Record<string, TensorLike>>, { strict = true }: LoadOptions = {}): LoadReport {
    if (typeof state !== "object" || state === null || state instanceof Tensor || Array.isArray(state))
      throw new TypeError(`loadStateDict: "state" expected a record of tensors by name, got ${describe(state)}`);
    const own = treeOf(this).parameters;
    const given = new Map(Object.entries(state));
    const names = new Set(own.map(([name]) => name));
    // Of a shared parameter, files often keep one name only.
    const present = new Set(own.filter(([name]) => given.has(name)).map(([, parameter]) => parameter));
    const missing = own.filter(([, parameter]) => !present.has(parameter)).map(([name]) => name);
    const unexpected = [...given.keys()].filter((name) => !names.has(name));
    const problems: string[] = [];
    if (strict && missing.length > 0) problems.push(`missing ${list(missing)}`);
    if (strict && unexpected.length > 0) problems.push(`unexpected ${list(unexpected)}`);

    const writes = new Map<Parameter, Tensor>();
    for (const [name, parameter] of own) {
      const value = given.get(name);
      if (value === undefined) continue;
      const node = value instanceof Tensor ? value : tensor(value);
      if (String(node.shape) !== String(parameter.shape))
        problems.push(`"${name}" expected shape [${parameter.shape.join(", ")}], got [${node.shape.join(", ")}]`);
      else if (node.dtype !== parameter.dtype)
        throw new TypeError(
          `loadStateDict: "${name}" expected dtype ${parameter.dtype}, got ${node.dtype}; use cast("${parameter.dtype}")`,
        );
      writes.set(parameter, node);
    }
    if (problems.length > 0) {
      const fix =
        strict && missing.length + unexpected.length > 0 ? "; { strict: false } takes the names that fit" : "";
      throw new RangeError(
        `loadStateDict: "state" expected the names and shapes of the model, got ${problems.join("; ")}${fix}`,
      );
    }
    // What can fail, fails here; a device that is lost later says so at the next call.
    assignAll(writes).catch(() => {});
    return { missing, unexpected };
  }
}

/** A name that the user gave stays; a path only grows, so that asking a part of a model does not shorten it. */
function rename(parameter: Parameter, path: string): void {
  if (/^(parameter|state) \d+$/.test(parameter.name) || path.endsWith(`.${parameter.name}`)) parameter.name = path;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `"${name}"`);
  if (names.length > shown.length) shown.push(`and ${names.length - shown.length} more`);
  return shown.join(", ");
}
