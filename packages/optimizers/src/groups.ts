import type { Parameter } from "@downhill/tensor";
import { describe, inRange } from "@downhill/tensor";
import { checkFlag } from "./flag.js";
import type { Member } from "./members.js";
import { listOf, makeMembers } from "./members.js";
import { checkOptions, isScheduled } from "./number-option.js";
import type { Rule, RuleSettings } from "./rule.js";

/** Options of a group that every optimizer has. */
export interface CommonOptions {
  /** Go uphill: the gradient is negated first. @defaultValue false */
  readonly maximize?: boolean | undefined;
}

/** Options of a group that every optimizer with a `weightDecay` has. */
export interface DecayOptions {
  /** Which parameters `weightDecay` holds for: called once with each. @defaultValue all */
  readonly decay?: ((parameter: Parameter) => boolean) | undefined;
}

/** Options of an optimizer as a whole. */
export interface GuardOptions {
  /** Write nothing and throw a {@link NonFiniteError} when a gradient or the loss is not finite. @defaultValue true */
  readonly errorIfNonFinite?: boolean | undefined;
}

/** Options of a group: those of the rule, and those that all optimizers share. */
export type GroupOptions<Settings extends RuleSettings = RuleSettings> = {
  readonly [Name in keyof Settings]?: Settings[Name] | undefined;
} & CommonOptions &
  ("weightDecay" extends keyof Settings ? DecayOptions : object);

/** Options of an optimizer; a rule adds its own. */
export type OptimizerOptions<Settings extends RuleSettings = RuleSettings> = GroupOptions<Settings> & GuardOptions;

/** Parameters with options of their own; options left out are those of the optimizer. */
export type ParameterGroup<Options = OptimizerOptions> = Omit<Options, keyof GuardOptions> & {
  /** At least one. */
  readonly parameters: Iterable<Parameter> | Iterable<readonly [name: string, parameter: Parameter]>;
};

/** What an optimizer trains: parameters, pairs of a name and a parameter (`model.namedParameters()`), or groups of them. */
export type Trainable<Options = OptimizerOptions> =
  | Iterable<Parameter>
  | Iterable<readonly [name: string, parameter: Parameter]>
  | Iterable<ParameterGroup<Options>>;

/** Parameters that share their settings. */
export interface Group {
  readonly members: readonly Member[];
  settings: RuleSettings;
  /** The settings of parameters that weight decay does not hold for. */
  exempt: RuleSettings;
  maximize: boolean;
  /** Names of the options other than `lr` that are schedules. */
  scheduled: readonly string[];
}

/** Everything that can be said about a group, complete: settings of the rule, and those that all optimizers share. */
export interface GroupSettings {
  readonly rule: RuleSettings;
  readonly maximize: boolean;
  readonly decay: (parameter: Parameter) => boolean;
}

/** What an optimizer begins with. */
export interface Setup {
  readonly base: GroupSettings;
  readonly groups: Group[];
  readonly errorIfNonFinite: boolean;
}

/** The options of an optimizer and its groups, checked. */
export function setUp(rule: Rule, trainable: Trainable, options: OptimizerOptions): Setup {
  const { name } = rule;
  checkObject(name, options);
  const { errorIfNonFinite = true, ...others } = options;
  checkFlag(name, "errorIfNonFinite", errorIfNonFinite);
  const usual = { rule: rule.defaults, maximize: false, decay: () => true };
  const base = merge(rule, usual, others, ["errorIfNonFinite"]);
  const items = listOf(name, "parameters", trainable);
  const grouped = items.length > 0 && items.every(isGroup);
  const seen = new Set<Parameter>();
  const groups = grouped
    ? items.map((item, i) => makeGroup(rule, `parameters[${i}]`, item, base, seen))
    : [makeGroup(rule, "", { parameters: items as Parameter[] }, base, seen)];
  return { base, groups, errorIfNonFinite };
}

/** A group `{ parameters, ...options }`, checked; `seen` holds the parameters of the others and gets those of this. */
export function makeGroup(
  rule: Rule,
  place: string,
  item: ParameterGroup,
  base: GroupSettings,
  seen: Set<Parameter>,
): Group {
  const { parameters, ...own } = item;
  const { name } = rule;
  const settings = merge(rule, base, own);
  const where = place === "" ? "parameters" : `${place}.parameters`;
  const members = makeMembers(rule, where, listOf(name, where, parameters), settings.decay, seen);
  if (members.length === 0)
    throw new RangeError(`${name}: "${where}" expected at least one Parameter, got none; pass model.parameters()`);
  return { members, ...derived(settings.rule), maximize: settings.maximize };
}

/** What follows from the settings of a group. */
export function derived(settings: RuleSettings): Pick<Group, "settings" | "exempt" | "scheduled"> {
  const exempt = "weightDecay" in settings ? { ...settings, weightDecay: 0 } : settings;
  const scheduled = Object.entries(settings).filter(([key, value]) => key !== "lr" && isScheduled(value));
  return { settings, exempt, scheduled: scheduled.map(([key]) => key) };
}

/** `base` with the options that are given, checked. */
export function merge(
  rule: Rule,
  base: GroupSettings,
  options: GroupOptions & DecayOptions,
  also: readonly string[] = [],
): GroupSettings {
  const { name, defaults } = rule;
  checkObject(name, options);
  const own = Object.keys(defaults);
  const common = own.includes("weightDecay") ? ["maximize", "decay"] : ["maximize"];
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [key] of given)
    if (!own.includes(key) && !common.includes(key))
      throw new TypeError(
        `${name}: "options" expected ${[...own, ...common, ...also].join(", ")}, got ${JSON.stringify(key)}`,
      );
  const { maximize = base.maximize, decay = base.decay } = options;
  checkFlag(name, "maximize", maximize);
  if (typeof decay !== "function")
    throw new TypeError(
      `${name}: "decay" expected a function such as (parameter) => parameter.rank > 1, got ${describe(decay)}`,
    );
  const settings: RuleSettings = { ...base.rule, ...Object.fromEntries(given.filter(([key]) => own.includes(key))) };
  const { lr } = settings;
  if (typeof lr !== "number" && typeof lr !== "function")
    throw new TypeError(`${name}: "lr" expected a number or a schedule, got ${describe(lr)}`);
  if (typeof lr === "number") inRange(name, "lr", lr, 0, Number.POSITIVE_INFINITY);
  checkOptions(rule, settings);
  return { rule: settings, maximize, decay };
}

function checkObject(name: string, options: unknown): void {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${name}: "options" expected an object such as { lr: 0.01 }, got ${describe(options)}`);
}

/** Has parameters, and not as a method, as a model has them. */
function isGroup(item: unknown): item is ParameterGroup {
  return typeof item === "object" && item !== null && "parameters" in item && typeof item.parameters !== "function";
}
