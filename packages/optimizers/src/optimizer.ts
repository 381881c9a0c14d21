import type { Parameter } from "@downhill/tensor";
import { assignAll, describe, noGrad, number, Tensor } from "@downhill/tensor";
import { collectAlong } from "./along.js";
import type { Group, OptimizerOptions, ParameterGroup, Setup, Trainable } from "./groups.js";
import { makeGroup, setUp } from "./groups.js";
import { Guard } from "./guard.js";
import type { Member } from "./members.js";
import { settingsAt } from "./number-option.js";
import type { Rule, RuleSettings, StepInfo } from "./rule.js";
import { slot } from "./slot.js";
import type { OptimizerState } from "./state-dict.js";
import { restore, save } from "./state-dict.js";

type Numbers = Readonly<Record<string, Tensor>>;
type Slots = Readonly<Record<string, Parameter>>;
/** A parameter or slot, its new value, and what it has when the step is refused: its value, if this is left out. */
type Write = readonly [target: Parameter, value: Tensor, otherwise?: Tensor];

/** A parameter that is updated, with everything that the rule is given for it. */
interface Task {
  readonly member: Member;
  /** Where the step begins: the parameter, or where it was before a wrapper moved it. */
  readonly from: Tensor;
  readonly gradient: Tensor;
  readonly slots: Slots;
  readonly numbers: Numbers;
  readonly settings: RuleSettings;
  readonly lr: number;
  /** What `member.kept` becomes. */
  readonly kept: Member["kept"];
}

/** How a step differs from others. */
interface Course {
  /** Where parameters are that a wrapper moved. */
  readonly from?: ReadonlyMap<Parameter, Tensor>;
  /** Writes slots in its own way, and does not count as a step. */
  readonly visit?: Rule["update"];
  /** What errors call it. @defaultValue "step" */
  readonly method?: string;
}

/** A parameter with its gradient, negated where it is to go uphill. */
export interface Ready {
  readonly parameter: Parameter;
  readonly gradient: Tensor;
}

/** One parameter, its slots (null before its first update) and its settings. */
export interface Trained {
  readonly parameter: Parameter;
  readonly slots: Slots | null;
  readonly kept: Readonly<Record<string, number>>;
  readonly settings: RuleSettings;
}

/** The numbers of parameters that have the same past. */
interface Past {
  readonly updates: number;
  readonly kept: Member["kept"];
  readonly decays: boolean;
  readonly inputs: Numbers;
  readonly next: Member["kept"];
}

/**
 * Applies the update rule of one parameter to all of them: groups, learning rate, shared numbers, state and the single
 * evaluation per step are here, for every optimizer.
 *
 * A step is taken at the call of `step()`; `await` means that there is room for more work. It is taken whole or not at all:
 * when a gradient is NaN or infinite, parameters and state stay as they are and a {@link NonFiniteError} says where, unless
 * `errorIfNonFinite` is false. That check reads every gradient once more: about a fifth of a step of Adam that does nothing
 * else, a few percent of the training of a network.
 *
 * Options that every optimizer has: `maximize` (go uphill), `errorIfNonFinite`, and beside a `weightDecay` the mask `decay`,
 * which says for each parameter whether it decays.
 *
 * @example
 * ```ts
 * import { SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const [weight, bias] = [parameter([1, 2]), parameter([3])];
 * const optimizer = new SGD([{ parameters: [weight] }, { parameters: [bias], lr: 0.5 }], { lr: 0.1 });
 * weight.mul(bias).sum().backward();
 * await optimizer.step();
 * await weight.array(); // => [0.7, 1.7]
 * await bias.array(); // => [1.5]
 * ```
 * @reference Groups, options and state dicts as in PyTorch's torch.optim.Optimizer, https://docs.pytorch.org/docs/stable/optim.html; the rule for one parameter as in MLX, https://ml-explore.github.io/mlx/build/html/python/optimizers.html
 */
export class Optimizer {
  #rule: Rule;
  readonly #setup: Setup;
  readonly #groups: Group[];
  readonly #guard: Guard | null;
  readonly #along: Parameter[] = [];
  #shared: Slots | null = null;
  #steps = 0;

  /**
   * @param rule - the update of one parameter
   * @param parameters - parameters, pairs of a name and a parameter, or groups `{ parameters, ...options }`
   * @param options - options for all groups that don't say otherwise
   * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
   * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
   */
  constructor(rule: Rule, parameters: Trainable, options: OptimizerOptions = {}) {
    this.#rule = rule;
    this.#setup = setUp(rule, parameters, options);
    this.#groups = this.#setup.groups;
    const rewind = (steps: number): void => {
      this.#steps = steps;
    };
    this.#guard = this.#setup.errorIfNonFinite ? new Guard(rule.name, () => this.#members(), rewind) : null;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Learning rate that the next step uses; with groups, that of the first. */
  get lr(): number {
    return this.#rate(this.#groups[0] as Group);
  }

  /** What it trains, in the order of the groups. */
  get parameters(): Parameter[] {
    return this.#members().map(({ parameter }) => parameter);
  }

  /**
   * Trains more parameters from now on.
   *
   * @param group - `{ parameters, ...options }`; options left out are those of the constructor
   * @throws as the constructor does; nothing has changed then
   */
  addGroup(group: ParameterGroup): void {
    const { name } = this.#rule;
    if (typeof group !== "object" || group === null || !("parameters" in group))
      throw new TypeError(
        `${name}.addGroup: "group" expected an object such as { parameters: layer.parameters() }, got ${describe(group)}`,
      );
    this.#groups.push(makeGroup(this.#rule, "group", group, this.#setup.base, new Set(this.parameters)));
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const { members } of this.#groups) for (const { parameter } of members) parameter.zeroGrad();
  }

  /**
   * Updates every parameter that has a gradient, all in one evaluation; the others stay as they are. When anything is
   * refused, nothing has changed. After the first step, parameters without a gradient are named in a warning.
   *
   * @throws Error (a rejection) when no parameter has a gradient
   * @throws RangeError (a rejection) when a schedule gives a number out of range
   * @throws NonFiniteError (a rejection) when a gradient is not finite
   */
  step(): Promise<void>;
  /**
   * The same with a closure, for optimizers that ask for the loss again; the others call it once.
   *
   * @param closure - clears the gradients, computes the loss, calls `backward()` and returns the loss
   * @returns the loss of the closure, which can be read for ever
   * @throws what `step()` throws, and NonFiniteError (a rejection) when the loss is not finite
   */
  step(closure: () => Tensor): Promise<Tensor>;
  async step(closure?: () => Tensor): Promise<unknown> {
    this.#guard?.check();
    const loss = closure === undefined ? null : call(`${this.#rule.name}.step`, "closure", closure);
    await this.#update(loss);
    return loss ?? undefined;
  }

  /**
   * @internal The first pass of a step in two: moves the parameters that have a gradient to where `move` says, in one evaluation,
   * and uses the gradients up. Returns where they were, which `kept` holds from step to step.
   */
  moveAside(
    kept: WeakMap<Parameter, Parameter>,
    move: (ready: readonly Ready[]) => readonly Tensor[],
  ): ReadonlyMap<Parameter, Parameter> {
    this.#guard?.check();
    this.checkMode("step");
    return noGrad(() => {
      const ready = this.#groups.flatMap((group) =>
        group.members.flatMap((member) => {
          const { parameter } = member;
          if (!parameter.hasGrad) return [];
          // What starts at the parameter must not start where it is moved to.
          this.#slots(member, group);
          const gradient = parameter.grad as Tensor;
          return [{ parameter, gradient: group.maximize ? gradient.neg() : gradient }];
        }),
      );
      if (ready.length === 0) throw this.#withoutGradient();
      const parameters = ready.map(({ parameter }) => parameter);
      const moved = move(ready);
      const from = new Map<Parameter, Parameter>();
      const writes = parameters.flatMap((each, i): [Parameter, Tensor][] => {
        const place = kept.get(each) ?? slot(each, "before the first pass");
        kept.set(each, place);
        from.set(each, place);
        return [
          [place, each.detach()],
          [each, moved[i] as Tensor],
        ];
      });
      const along = collectAlong(this.#along, parameters);
      void assignAll([...writes, ...along.writes], { consumed: parameters });
      along.settle();
      return from;
    });
  }

  /** @internal The second pass: a step with the gradients as they are, but from where the parameters were. */
  async stepFrom(from: ReadonlyMap<Parameter, Tensor>, loss: Tensor): Promise<void> {
    await this.#update(loss, { from });
  }

  /** @internal Replaces the rule by one that does more: what wrappers do. Parameters updated before get the slots that it adds. */
  extend(make: (rule: Rule) => Rule): void {
    const rule = make(this.#rule);
    this.#rule = rule;
    for (const { members, settings, exempt } of this.#groups)
      for (const member of members) {
        member.kept = { ...rule.kept, ...member.kept };
        if (member.slots === null) continue;
        const added = noGrad(() => rule.init(member.parameter, member.decays ? settings : exempt)) as Slots;
        member.slots = { ...added, ...member.slots };
      }
  }

  /** @internal What is remembered about each parameter. */
  get trained(): readonly Trained[] {
    return this.#groups.flatMap(({ members, settings, exempt }) =>
      members.map(({ parameter, slots, kept, decays }) => ({
        parameter,
        slots,
        kept,
        settings: decays ? settings : exempt,
      })),
    );
  }

  /** @internal Name of the rule. */
  get title(): string {
    return this.#rule.name;
  }

  /** @internal Writes the slots that `visit` gives for every parameter with a gradient, as a step does, but it is none. */
  protected async visit(method: string, visit: Rule["update"]): Promise<void> {
    this.#guard?.check();
    await this.#update(null, { visit, method });
  }

  /** @internal Throws when the parameters are not what a step expects; for optimizers that move them between steps. */
  protected checkMode(_method: string): void {}

  /**
   * One step on a loss: clears the gradients, computes the loss, its gradients and the update, all in one evaluation.
   *
   * @param loss - gives the loss, a scalar
   * @returns the loss before the update
   * @throws what `step()` throws, as rejections
   * @example
   * ```ts
   * import { SGD } from "@downhill/optimizers";
   * import { parameter } from "@downhill/tensor";
   *
   * const weight = parameter([3, 4]);
   * const optimizer = new SGD([weight], { lr: 0.5 });
   * const loss = await optimizer.minimize(() => weight.square().sum());
   * await loss.item(); // => 25
   * await weight.array(); // => [0, 0]
   * ```
   */
  async minimize(loss: () => Tensor): Promise<Tensor> {
    return this.step(() => {
      this.zeroGrad();
      const value = call(`${this.#rule.name}.minimize`, "loss", loss);
      value.backward();
      return value;
    });
  }

  /**
   * Everything that the optimizer remembers, as plain data: step count, options, and per parameter its slots. Schedules and
   * the mask `decay` are code and not saved. Taken at the call, whatever happens before it is awaited.
   *
   * @throws NonFiniteError (a rejection) when it comes out that a step before the call was not taken
   */
  async stateDict(): Promise<OptimizerState> {
    this.checkMode("stateDict");
    const saved = save(this.#rule.name, this.#steps, this.#groups, this.#shared);
    // A state that can't be used must not be one more rejection that nobody listens to.
    saved.catch(() => {});
    await this.#guard?.settled();
    return saved;
  }

  /**
   * Goes on from a state of `stateDict()`: step count, options and slots are replaced. A schedule stays as it is and goes on
   * at the saved step. In each group parameters are found by name when all names are there, else by position.
   *
   * @param state - what `stateDict()` gave
   * @throws TypeError when it is no state dict, or that of another optimizer
   * @throws RangeError when groups, parameters, shapes or slots don't fit; nothing has changed then
   */
  loadStateDict(state: OptimizerState): void {
    this.checkMode("loadStateDict");
    const { steps, shared } = restore(this.#rule, this.#groups, state);
    this.#steps = steps;
    this.#shared = shared;
    this.#guard?.reset();
  }

  async #update(loss: Tensor | null, course: Course = {}): Promise<void> {
    this.checkMode(course.method ?? "step");
    const { tasks, writes, along } = noGrad(() => {
      const found = this.#groups.flatMap((group) => this.#tasks(group, course.from));
      if (found.length === 0) throw this.#withoutGradient(course.method);
      const gradients = found.map(({ member, gradient }) => [member, gradient] as const);
      const all = course.visit === undefined ? this.#writes(found) : visited(found, course.visit);
      const guarded = this.#guard?.protect(all, gradients, loss, this.#steps) ?? all;
      return {
        tasks: found,
        writes: guarded,
        along: collectAlong(
          this.#along,
          found.map(({ member }) => member.parameter),
        ),
      };
    });
    const updated = tasks.map(({ member }) => member);
    // What is refused throws here; the promise only says when there is room for more work.
    const room = assignAll([...writes, ...along.writes] as [Parameter, Tensor][], {
      consumed: updated.map(({ parameter }) => parameter),
    });
    along.settle();
    const kept = updated.map((member) => member.kept);
    const step = this.#steps;
    if (course.visit === undefined) {
      for (const task of tasks) {
        task.member.updates++;
        task.member.kept = task.kept;
      }
      this.#steps++;
      this.#guard?.follow(step, (tasks[0] as Task).lr, updated, kept);
    } else this.#guard?.follow(step, (tasks[0] as Task).lr, [], []);
    if (step === 0 && this.#steps === 1) this.#warnAboutIdle();
    await room;
  }

  /** The parameters of a group that have a gradient. */
  #tasks(group: Group, from?: Course["from"]): Task[] {
    const ready = group.members.filter(({ parameter }) => parameter.hasGrad);
    if (ready.length === 0) return [];
    const lr = this.#rate(group);
    const pasts: Past[] = [];
    return ready.map((member) => {
      const { parameter, decays } = member;
      const settings = decays ? group.settings : group.exempt;
      const past = this.#past(pasts, group, settings, member, lr);
      const slots = this.#slots(member, group);
      const raw = parameter.grad as Tensor;
      const gradient = group.maximize ? raw.neg() : raw;
      const start = from?.get(parameter) ?? parameter;
      return { member, from: start, gradient, slots, numbers: past.inputs, settings, lr, kept: past.next };
    });
  }

  #slots(member: Member, { settings, exempt }: Group): Slots {
    const { parameter, decays } = member;
    member.slots ??= noGrad(() => this.#rule.init(parameter, decays ? settings : exempt)) as Slots;
    return member.slots;
  }

  #withoutGradient(method = "step"): Error {
    return new Error(
      `${this.#rule.name}.${method}: no parameter has a gradient that is not used yet; call backward() before ${method}()`,
    );
  }

  /** The numbers of a member: parameters with the same past share them. */
  #past(pasts: Past[], group: Group, settings: RuleSettings, { updates, kept, decays }: Member, lr: number): Past {
    const rule = this.#rule;
    for (const past of pasts)
      if (past.updates === updates && past.decays === decays && same(past.kept, kept)) return past;
    const now = settingsAt(rule, settings, group.scheduled, this.#steps, lr);
    const info: StepInfo = { step: updates + 1, lr, kept };
    const inputs = asInputs(rule.numbers(now, info));
    const past = { updates, kept, decays, inputs, next: rule.keep?.(now, info) ?? kept };
    pasts.push(past);
    return past;
  }

  #writes(tasks: readonly Task[]): Write[] {
    const rule = this.#rule;
    const writes: Write[] = [];
    let values: Numbers = {};
    if (rule.share !== undefined) {
      const [{ numbers, settings }] = tasks as [Task];
      this.#shared ??= (rule.initShared?.((this.#groups[0] as Group).settings) ?? {}) as Slots;
      const own = this.#shared;
      const totals: Record<string, Tensor> = {};
      for (const { from, gradient, slots, numbers: inputs, settings: options } of tasks) {
        const parts = rule.measure?.(gradient, slots, from, inputs, options, own) ?? {};
        for (const key in parts) totals[key] = totals[key]?.add(parts[key] as Tensor) ?? (parts[key] as Tensor);
      }
      const next = rule.share(totals, own, numbers, settings);
      values = next.values;
      push(writes, own, next.slots as Numbers);
    }
    for (const { member, from, gradient, slots, numbers, settings } of tasks) {
      const next = rule.update(gradient, slots, from, numbers, settings, values);
      writes.push([member.parameter, next.parameter, from]);
      push(writes, slots, next.slots as Numbers);
    }
    return writes;
  }

  #rate({ settings: { lr } }: Group): number {
    if (typeof lr === "number") return lr;
    const rate = lr(this.#steps);
    if (typeof rate === "number" && rate >= 0 && rate < Number.POSITIVE_INFINITY) return rate;
    throw new RangeError(
      `${this.#rule.name}: "lr" expected a schedule that gives finite numbers of at least 0, got ${describe(rate)} at step ${this.#steps}`,
    );
  }

  #members(): Member[] {
    return this.#groups.flatMap(({ members }) => members);
  }

  #warnAboutIdle(): void {
    const idle = this.#members().filter(({ updates }) => updates === 0);
    if (idle.length === 0) return;
    const names = idle.map(({ name }) => JSON.stringify(name)).join(", ");
    console.warn(
      `${this.#rule.name}: no gradient reached ${names}, so the first step left ${idle.length === 1 ? "it" : "them"} unchanged; does the loss depend on ${idle.length === 1 ? "it" : "them"}?`,
    );
  }
}

/** What a function of the user gives, which must be a tensor. */
export function call(fn: string, name: string, f: () => Tensor): Tensor {
  if (typeof f !== "function") throw new TypeError(`${fn}: "${name}" expected a function, got ${describe(f)}`);
  const value: unknown = f();
  if (value instanceof Tensor) return value;
  const hint =
    value instanceof Promise ? "await nothing in it: reading can wait until after the step" : "return the loss";
  throw new TypeError(`${fn}: "${name}" expected a function that returns a Tensor, got ${describe(value)}; ${hint}`);
}

/** Slots that are written outside of a step. */
function visited(tasks: readonly Task[], visit: Rule["update"]): Write[] {
  const writes: Write[] = [];
  for (const { gradient, slots, from, numbers, settings } of tasks)
    push(writes, slots, visit(gradient, slots, from, numbers, settings, {}).slots as Numbers);
  return writes;
}

function push(writes: Write[], slots: Slots, values: Numbers): void {
  for (const key in values) writes.push([slots[key] as Parameter, values[key] as Tensor]);
}

function same(a: Member["kept"], b: Member["kept"]): boolean {
  if (a === b) return true;
  for (const key in a) if (a[key] !== b[key]) return false;
  return true;
}

function asInputs(numbers: Readonly<Record<string, number>>): Numbers {
  const inputs: Record<string, Tensor> = {};
  for (const name in numbers) inputs[name] = number(numbers[name] as number);
  return inputs;
}
