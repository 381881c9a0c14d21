import type { Parameter, Tensor } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { atOnce } from "./at-once.js";
import type { Core } from "./core.js";
import { membersOf } from "./core.js";
import type { Member } from "./members.js";
import { NonFiniteError } from "./non-finite-error.js";
import { sharedSlot } from "./slot.js";

/** Members that a step updates, and what they kept before it. */
type Before = readonly (readonly [Member, Member["kept"]])[];

/** A step whose outcome is not known yet. */
interface Entry {
  readonly step: number;
  readonly lr: number;
  readonly before: Before;
}

/** Code of a loss that is not finite; a gradient has the place of its parameter. */
const lossCode = -1;
/** Steps are told apart up to this many, which float32 holds exactly. */
const wrap = 2 ** 20;

/**
 * Keeps parameters and state as they are when a gradient or the loss is not finite. All writes of a step are made conditional
 * in its own evaluation, on a code that says what is wrong, 0 while nothing is. The code stays until it was reported: so an
 * engine whose results arrive later takes no other step meanwhile, and nothing has to wait for the code.
 */
export class Guard {
  readonly #code: Parameter;
  /** The step that the code is of, modulo {@link wrap}, where results arrive later. */
  readonly #at: Parameter;
  #journal: Entry[] = [];
  #reading: Promise<void> | null = null;
  #failed: NonFiniteError | null = null;

  constructor(
    private readonly optimizer: string,
    private readonly core: Core,
  ) {
    this.#code = sharedSlot(`${optimizer} non-finite code`);
    this.#at = sharedSlot(`${optimizer} non-finite step`);
  }

  /** Throws what an earlier step has left, once. */
  check(): void {
    const error = this.#failed;
    if (error === null) return;
    this.#failed = null;
    throw error;
  }

  /**
   * The writes, on condition that `loss` (null when it is not known) and all gradients are finite; else a target gets the
   * third of its write, or keeps its value when there is none.
   */
  protect(
    writes: readonly (readonly [target: Parameter, value: Tensor, otherwise?: Tensor])[],
    gradients: readonly { readonly member: Member; readonly gradient: Tensor }[],
    loss: Tensor | null,
    step: number,
  ): (readonly [Parameter, Tensor])[] {
    let found: Tensor = this.#code;
    for (const { member, gradient } of gradients) found = unless(gradient, found, member.place);
    if (loss !== null) found = unless(loss, found, lossCode);
    // What was wrong first stays, until it was reported.
    const free = this.#code.equal(0);
    const code = where(free, found, this.#code);
    const fine = code.equal(0);
    const guarded = writes.map(
      ([target, value, otherwise = target]) => [target, where(fine, value, otherwise)] as const,
    );
    guarded.push([this.#code, code]);
    if (!atOnce()) guarded.push([this.#at, where(free, step % wrap, this.#at)]);
    return guarded;
  }

  /** To be called after each step, when everything counts it as taken; throws when it was not and the engine knows it already. */
  follow(step: number, lr: number, before: Before): void {
    this.#journal.push({ step, lr, before });
    if (!atOnce()) {
      this.#reading ??= this.#read();
      return;
    }
    this.#conclude(this.#code.itemSync(), step % wrap, this.#journal.length);
    this.check();
  }

  /** Waits until the outcome of every step so far is known, and throws when one was not taken. */
  async settled(): Promise<void> {
    while (this.#reading !== null) await this.#reading;
    this.check();
  }

  /** Forgets the past: another one was loaded. */
  reset(): void {
    this.#journal = [];
    this.#failed = null;
    this.#code.assign(0);
  }

  async #read(): Promise<void> {
    const journal = this.#journal;
    const asked = journal.length;
    try {
      const [code, at] = await Promise.all([this.#code.item(), this.#at.item()]);
      this.#reading = null;
      // Another past was loaded meanwhile.
      if (journal !== this.#journal) return;
      this.#conclude(code, at, asked);
      if (this.#journal.length > 0) this.#reading = this.#read();
    } catch {
      // The engine is lost, which the next step reports.
      this.#reading = null;
    }
  }

  /** Of the first `asked` steps in the journal it is known now whether they were taken. */
  #conclude(code: number, at: number, asked: number): void {
    if (code === 0) {
      this.#journal.splice(0, asked);
      return;
    }
    const undone = this.#journal.slice(this.#journal.findIndex((entry) => entry.step % wrap === at));
    const [{ step, lr }] = undone as [Entry];
    for (const { before } of undone.reverse())
      for (const [member, kept] of before) {
        member.updates--;
        member.kept = kept;
      }
    this.core.steps = step;
    this.reset();
    const parameter = code === lossCode ? null : (membersOf(this.core)[code - 1] as Member).name;
    this.#failed = new NonFiniteError(this.optimizer, { step, parameter, lr });
  }
}

/** `code` where `value` is finite, else `wrong`: x - x is 0 for every finite number and NaN for the others. */
function unless(value: Tensor, code: Tensor, wrong: number): Tensor {
  return where(value.sub(value).sum().equal(0), code, wrong);
}
