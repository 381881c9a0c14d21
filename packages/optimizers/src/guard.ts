import type { Parameter, Tensor } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { atOnce } from "./at-once.js";
import type { Member } from "./members.js";
import { NonFiniteError } from "./non-finite-error.js";
import { sharedSlot } from "./slot.js";

/** A step whose outcome is not known yet, and what its members were before it. */
interface Entry {
  readonly step: number;
  readonly lr: number;
  readonly updated: readonly Member[];
  readonly kept: readonly Member["kept"][];
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
  #code: Parameter | null = null;
  /** The step that the code is of, modulo {@link wrap}; only engines whose results arrive later have it. */
  #at: Parameter | null = null;
  #journal: Entry[] = [];
  #reading: Promise<void> | null = null;
  #failed: NonFiniteError | null = null;

  constructor(
    private readonly optimizer: string,
    private readonly members: () => readonly Member[],
    /** Goes back to this number of steps. */
    private readonly rewind: (steps: number) => void,
  ) {}

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
    gradients: readonly (readonly [Member, Tensor])[],
    loss: Tensor | null,
    step: number,
  ): (readonly [Parameter, Tensor])[] {
    this.#code ??= sharedSlot(`${this.optimizer} non-finite code`);
    let code: Tensor = this.#code;
    for (const [{ place }, gradient] of gradients) code = unless(gradient, code, place);
    if (loss !== null) code = unless(loss, code, lossCode);
    // What was wrong first stays, until it was reported.
    const free = this.#code.equal(0);
    code = where(free, code, this.#code);
    const fine = code.equal(0);
    const guarded = writes.map(
      ([target, value, otherwise = target]) => [target, where(fine, value, otherwise)] as const,
    );
    guarded.push([this.#code, code]);
    if (!atOnce()) {
      this.#at ??= sharedSlot(`${this.optimizer} non-finite step`);
      guarded.push([this.#at, where(free, step % wrap, this.#at)]);
    }
    return guarded;
  }

  /** To be called after each step; throws when it was not taken and the engine knows it already. */
  follow(step: number, lr: number, updated: readonly Member[]): void {
    const entry = { step, lr, updated, kept: updated.map(({ kept }) => kept) };
    if (atOnce()) {
      const code = (this.#code as Parameter).itemSync();
      if (code !== 0) throw this.#refuse(code, entry);
      return;
    }
    this.#journal.push(entry);
    this.#reading ??= this.#read();
  }

  /** Waits until the outcome of every step so far is known, and throws when one was not taken. */
  async settled(): Promise<void> {
    while (this.#reading !== null) await this.#reading;
    this.check();
  }

  async #read(): Promise<void> {
    const asked = this.#journal.length;
    const [code, at] = await Promise.all([(this.#code as Parameter).item(), (this.#at as Parameter).item()]);
    this.#reading = null;
    if (code === 0) {
      this.#journal.splice(0, asked);
      if (this.#journal.length > 0) this.#reading = this.#read();
      return;
    }
    const undone = this.#journal.slice(this.#journal.findIndex(({ step }) => step % wrap === at));
    this.#journal = [];
    const [first] = undone as [Entry];
    for (const { updated, kept } of undone.reverse())
      updated.forEach((member, i) => {
        member.updates--;
        member.kept = kept[i] as Member["kept"];
      });
    this.#failed = this.#refuse(code, first);
    this.rewind(first.step);
  }

  #refuse(code: number, { step, lr }: Entry): NonFiniteError {
    (this.#code as Parameter).assign(0);
    const parameter = code === lossCode ? null : (this.members()[code - 1] as Member).name;
    return new NonFiniteError(this.optimizer, { step, parameter, lr });
  }
}

/** `code` where `value` is finite, else `wrong`: x - x is 0 for every finite number and NaN for the others. */
function unless(value: Tensor, code: Tensor, wrong: number): Tensor {
  return where(value.sub(value).sum().equal(0), code, wrong);
}
