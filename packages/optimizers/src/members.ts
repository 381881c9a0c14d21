import { describe, Parameter } from "@downhill/tensor";
import type { Rule } from "./rule.js";

/** One parameter and what the optimizer remembers about it. */
export interface Member {
  readonly parameter: Parameter;
  /** What errors and state dicts call it. */
  readonly name: string;
  /** Its place among all parameters of the optimizer, from 1 on. */
  readonly place: number;
  /** Whether weight decay holds for it. */
  readonly decays: boolean;
  /** Updates so far. */
  updates: number;
  /** The numbers that the rule keeps for it. */
  kept: Readonly<Record<string, number>>;
  /** Null before the first update. */
  slots: Readonly<Record<string, Parameter>> | null;
}

/** What an iterable gives; throws for what is none. */
export function listOf(fn: string, place: string, value: unknown): unknown[] {
  if (typeof value === "object" && value !== null && Symbol.iterator in value) return [...(value as Iterable<unknown>)];
  const hint = typeof value === "function" ? "call it: model.parameters()" : "pass model.parameters()";
  throw new TypeError(`${fn}: "${place}" expected an iterable of Parameters, got ${describe(value)}; ${hint}`);
}

/** The members of a group, from parameters or pairs of a name and a parameter. */
export function makeMembers(
  rule: Rule,
  place: string,
  items: readonly unknown[],
  decay: (parameter: Parameter) => boolean,
  seen: Set<Parameter>,
): Member[] {
  return items.map((item) => {
    const [name, parameter] = isPair(item) ? item : [null, item];
    checkParameter(rule.name, place, parameter);
    if (seen.has(parameter))
      throw new RangeError(`${rule.name}: "${place}" expected every parameter once, got "${parameter.name}" twice`);
    seen.add(parameter);
    rule.accept?.(parameter, name ?? parameter.name);
    const decays: unknown = decay(parameter);
    if (typeof decays !== "boolean")
      throw new TypeError(
        `${rule.name}: "decay" expected a function that gives true or false, got ${describe(decays)} for "${parameter.name}"`,
      );
    return {
      parameter,
      get name() {
        return name ?? parameter.name;
      },
      place: seen.size,
      decays,
      updates: 0,
      kept: rule.kept ?? {},
      slots: null,
    };
  });
}

function isPair(item: unknown): item is readonly [string, unknown] {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === "string";
}

function checkParameter(name: string, place: string, parameter: unknown): asserts parameter is Parameter {
  if (!(parameter instanceof Parameter)) {
    const foreign = (parameter as object | null)?.constructor?.name === "Parameter";
    const hint = foreign ? "it is of another copy of @downhill/tensor, install only one" : "pass model.parameters()";
    throw new TypeError(`${name}: "${place}" expected Parameters, got ${describe(parameter)}; ${hint}`);
  }
  if (!parameter.requiresGrad)
    throw new TypeError(
      `${name}: "${place}" expected trainable Parameters, got the state "${parameter.name}"; make it with parameter()`,
    );
}
