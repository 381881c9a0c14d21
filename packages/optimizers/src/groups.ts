import { describe, inRange, Parameter } from "@downhill/tensor";
import type { Rule, RuleSettings } from "./rule.js";

/** Options of an optimizer that are shared by all; a rule adds its own. */
export type OptimizerOptions<Settings extends RuleSettings = RuleSettings> = {
  readonly [Name in keyof Settings]?: Settings[Name] | undefined;
};

/** Parameters with options of their own; options left out are those of the optimizer. */
export type ParameterGroup<Options = OptimizerOptions> = Options & {
  /** At least one. */
  readonly parameters: Iterable<Parameter>;
};

/** What an optimizer trains: parameters, or groups of them. */
export type Trainable<Options = OptimizerOptions> = Iterable<Parameter> | Iterable<ParameterGroup<Options>>;

/** One parameter and what the optimizer remembers about it. */
export interface Member {
  readonly parameter: Parameter;
  /** Updates so far. */
  updates: number;
  /** Null before the first update. */
  slots: Readonly<Record<string, Parameter>> | null;
}

/** Parameters that share their settings. */
export interface Group {
  readonly members: readonly Member[];
  settings: RuleSettings;
}

/** The groups of an optimizer, checked. */
export function makeGroups(rule: Rule, trainable: Trainable, options: OptimizerOptions): Group[] {
  const { name } = rule;
  const settings = merge(rule, rule.defaults, options);
  const items = list(name, "parameters", trainable);
  const seen = new Set<Parameter>();
  const grouped = items.length > 0 && items.every(isGroup);
  return (grouped ? items : [{ parameters: items }]).map(({ parameters, ...own }, i) => {
    const place = grouped ? `parameters[${i}].parameters` : "parameters";
    const members = list(name, place, parameters).map((each) => member(name, place, each, seen));
    if (members.length === 0)
      throw new RangeError(`${name}: "${place}" expected at least one Parameter, got none; pass model.parameters()`);
    return { members, settings: merge(rule, settings, own) };
  });
}

/** `base` with the options that are given, checked. */
export function merge(rule: Rule, base: RuleSettings, options: OptimizerOptions): RuleSettings {
  const { name, defaults } = rule;
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${name}: "options" expected an object such as { lr: 0.01 }, got ${describe(options)}`);
  const known = Object.keys(defaults);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [key] of given)
    if (!known.includes(key))
      throw new TypeError(`${name}: "options" expected ${known.join(", ")}, got ${JSON.stringify(key)}`);
  const settings: RuleSettings = { ...base, ...Object.fromEntries(given) };
  const { lr } = settings;
  if (typeof lr !== "number" && typeof lr !== "function")
    throw new TypeError(`${name}: "lr" expected a number or a schedule, got ${describe(lr)}`);
  if (typeof lr === "number") inRange(name, "lr", lr, 0, Number.POSITIVE_INFINITY);
  rule.check(settings);
  return settings;
}

function list(name: string, place: string, value: unknown): unknown[] {
  if (typeof value === "object" && value !== null && Symbol.iterator in value) return [...(value as Iterable<unknown>)];
  const hint = typeof value === "function" ? "call it: model.parameters()" : "pass model.parameters()";
  throw new TypeError(`${name}: "${place}" expected an iterable of Parameters, got ${describe(value)}; ${hint}`);
}

function isGroup(item: unknown): item is ParameterGroup {
  return (
    typeof item === "object" &&
    item !== null &&
    !(item instanceof Parameter) &&
    "parameters" in item &&
    typeof item.parameters !== "function"
  );
}

function member(name: string, place: string, parameter: unknown, seen: Set<Parameter>): Member {
  if (!(parameter instanceof Parameter)) {
    const foreign = (parameter as object | null)?.constructor?.name === "Parameter";
    const hint = foreign ? "it is of another copy of @downhill/tensor, install only one" : "pass model.parameters()";
    throw new TypeError(`${name}: "${place}" expected Parameters, got ${describe(parameter)}; ${hint}`);
  }
  if (!parameter.requiresGrad)
    throw new TypeError(
      `${name}: "${place}" expected trainable Parameters, got the state "${parameter.name}"; make it with parameter()`,
    );
  if (seen.has(parameter))
    throw new RangeError(`${name}: "${place}" expected every parameter once, got "${parameter.name}" twice`);
  seen.add(parameter);
  return { parameter, updates: 0, slots: null };
}
