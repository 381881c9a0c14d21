import type { Tensor } from "@downhill/tensor";
import { describe, tensor } from "@downhill/tensor";
import type { GroupState, OptimizerState, ParameterState } from "./state-dict.js";
import { checkState } from "./state-dict.js";

/** A state of an optimizer in two parts, for files. */
export interface SplitState {
  /** Every slot by its place, such as `0.1.velocity`: second parameter of the first group. */
  readonly tensors: Record<string, Tensor>;
  /** All the rest, as text. */
  readonly json: string;
}

/** The slots of `holder` go to `tensors`; what is left names them. */
function take(place: string, slots: ParameterState["slots"], tensors: Record<string, Tensor>): string[] {
  for (const [key, values] of Object.entries(slots)) tensors[`${place}.${key}`] = tensor(values);
  return Object.keys(slots);
}

/**
 * Splits what `stateDict()` gave into tensors, for a safetensors file, and JSON, for its metadata or a file beside it.
 * Nothing is rounded: {@link joinState} gives back the same bits.
 *
 * @param state - what `await optimizer.stateDict()` gave
 * @returns `tensors` by name, each `[n]`, and `json`
 * @throws TypeError when it is no such state
 * @example
 * ```ts
 * import { Adam, joinState, splitState } from "@downhill/optimizers";
 * import { decodeSafetensors, encodeSafetensors, parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, 2], { name: "weight" });
 * const optimizer = new Adam([weight]);
 * await optimizer.minimize(() => weight.square().sum());
 * const { tensors, json } = splitState(await optimizer.stateDict());
 * Object.keys(tensors); // => ["0.0.mean", "0.0.square"]
 * const file = await encodeSafetensors(tensors, { optimizer: json });
 *
 * const read = decodeSafetensors(file);
 * const resumed = new Adam([weight]);
 * resumed.loadStateDict(await joinState(read.tensors, read.metadata.optimizer as string));
 * resumed.steps; // => 1
 * ```
 * @reference https://github.com/huggingface/safetensors#format
 */
export function splitState(state: OptimizerState): SplitState {
  checkState("splitState", state);
  const tensors: Record<string, Tensor> = {};
  const groups = (state.groups as readonly GroupState[]).map((group, i) => ({
    ...group,
    parameters: group.parameters.map((each, j) => ({ ...each, slots: take(`${i}.${j}`, each.slots, tensors) })),
  }));
  const shared = state.shared && { shared: take("shared", state.shared, tensors) };
  return { tensors, json: JSON.stringify({ ...state, groups, ...shared }) };
}

/**
 * The state of an optimizer from the two parts that {@link splitState} made.
 *
 * @param tensors - the tensors by name; others among them are left alone
 * @param json - the text
 * @returns a state for `loadStateDict()`
 * @throws TypeError (a rejection) when a part is of the wrong kind; RangeError (a rejection) when the text is no such JSON
 * or a tensor is missing, which is named
 * @example
 * ```ts
 * import { joinState, SGD, splitState } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const optimizer = new SGD([parameter([1, 2])], { lr: 0.5 });
 * const { tensors, json } = splitState(await optimizer.stateDict());
 * (await joinState(tensors, json)).groups[0]?.options.lr; // => 0.5
 * ```
 * @reference https://github.com/huggingface/safetensors#format
 */
export async function joinState(tensors: Readonly<Record<string, Tensor>>, json: string): Promise<OptimizerState> {
  if (typeof tensors !== "object" || tensors === null)
    throw new TypeError(`joinState: "tensors" expected tensors by name, got ${describe(tensors)}`);
  if (typeof json !== "string") throw new TypeError(`joinState: "json" expected a string, got ${describe(json)}`);
  let state: Split;
  try {
    state = JSON.parse(json) as Split;
  } catch (error) {
    throw new RangeError(
      `joinState: "json" expected what splitState() gave, got an error in it (${(error as Error).message})`,
    );
  }
  if (typeof state !== "object" || state === null || !Array.isArray(state.groups as unknown))
    throw new RangeError('joinState: "json" expected what splitState() gave, got JSON without groups');
  const fetch = async (place: string, whose: string, keys: readonly string[]): Promise<ParameterState["slots"]> => {
    const entries = keys.map(async (key) => {
      const found = tensors[`${place}.${key}`];
      if (found === undefined)
        throw new RangeError(
          `joinState: "tensors" expected "${place}.${key}", the ${key} of ${whose}, got ${Object.keys(tensors).length} others`,
        );
      return [key, (await found.data()) as Float32Array] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  };
  const groups = state.groups.map(async ({ options, parameters }, i) => ({
    options,
    parameters: await Promise.all(
      parameters.map(async (each, j) => ({ ...each, slots: await fetch(`${i}.${j}`, `"${each.name}"`, each.slots) })),
    ),
  }));
  const { shared: names, ...rest } = state;
  const shared = names && { shared: await fetch("shared", "all parameters", names) };
  return { ...rest, groups: await Promise.all(groups), ...shared };
}

/** A state with the names of its slots in place of their values. */
type Split = Omit<OptimizerState, "groups" | "shared"> & {
  readonly groups: readonly (Omit<GroupState, "parameters"> & {
    readonly parameters: readonly (Omit<ParameterState, "slots"> & { readonly slots: readonly string[] })[];
  })[];
  readonly shared?: readonly string[];
};
