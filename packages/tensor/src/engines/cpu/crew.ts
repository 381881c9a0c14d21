import { workerText } from "../../generated/worker-text.js";
import type { GeneratedModule } from "./generator.js";
import type { Heap } from "./heap.js";
import type { RangeKernel } from "./step.js";
import { rangeKernels } from "./step.js";
import type { Linked } from "./wasm.js";
import { forSharedMemory, link, sharedModule } from "./wasm.js";
import type { WorkerTask } from "./worker.js";
import { at } from "./worker-source.js";
import type { Worker } from "./workers.js";
import { startWorker } from "./workers.js";

/** Milliseconds without progress after which a worker counts as dead; more when the main thread's own parts take long. */
export const timeouts = { dead: 20_000 };
const spins = 30_000;

/**
 * The workers of an engine. The main thread offers the parts of a range, takes parts itself, and waits for those that
 * workers took: a worker that sleeps, starts late or is busy elsewhere only means more parts for the others.
 */
export class Crew {
  readonly linked: Linked;
  /** Why results can't be trusted any more: a worker died. */
  lost: string | null = null;
  /** Why there are fewer workers than wanted: some could not start. */
  absent: string | null = null;
  /** Parts that workers have done. */
  helped = 0;
  private readonly workers: Worker[] = [];
  private readonly words: Int32Array;
  private closed = false;

  /** Moves the heap to a shared memory and starts `threads - 1` workers. */
  constructor(
    private readonly heap: Heap,
    readonly threads: number,
  ) {
    const module = sharedModule();
    const memory = heap.share();
    this.linked = link(module, memory);
    const count = at.arguments + 16 * threads;
    // Never released: a worker may write here once more while it is being ended.
    const control = heap.allocate(count * 4);
    this.words = new Int32Array(memory.buffer, control, count);
    this.words.fill(0);
    try {
      for (let thread = 1; thread < threads; thread++) {
        const data: WorkerTask = { module, memory, control, thread, names: rangeKernels, at };
        this.workers.push(startWorker(workerText, data, (reason) => this.leave(thread, reason)));
      }
    } catch (error) {
      this.absent = error instanceof Error ? error.message : String(error);
    }
  }

  /** Workers that have started. */
  get ready(): number {
    return Atomics.load(this.words, at.ready);
  }

  /** Whether a run with this much shareable work should be offered to workers; wakes them when that pays. */
  summon(pays: boolean): boolean {
    const { words } = this;
    const { ready } = this;
    if (ready === 0) return false;
    const asleep = Atomics.load(words, at.asleep);
    if (asleep > 0 && pays) {
      Atomics.add(words, at.calls, 1);
      Atomics.notify(words, at.calls);
      return true;
    }
    return asleep < ready;
  }

  /** Sets the arguments of a thread for the next {@link Crew.run}. */
  prepare(thread: number, args: readonly number[]): void {
    this.words.set(args, at.arguments + 16 * thread);
    this.words[at.call + 1] = args.length;
  }

  /** Leaves a module where workers find it before their next part; the first words: the one before, place, count, bytes. */
  publish({ bytes, first, count }: GeneratedModule): void {
    const { heap, words } = this;
    const address = heap.allocate(16 + bytes.length);
    heap.words.set([Atomics.load(words, at.generated), first, count, bytes.length], address >> 2);
    new Uint8Array(heap.words.buffer, address + 16, bytes.length).set(forSharedMemory(bytes));
    Atomics.store(words, at.generated, address);
  }

  /** Runs a kernel over [0, count) in parts of `length`; `own` are the main thread's arguments. */
  run(kernel: RangeKernel, own: readonly number[], count: number, length: number): void {
    const { words } = this;
    const call = this.linked.kernels[kernel] as (...args: number[]) => void;
    const parts = Math.ceil(count / length);
    words[at.call] = rangeKernels.indexOf(kernel);
    words[at.call + 2] = count;
    words[at.call + 3] = length;
    Atomics.store(words, at.done, 0);
    Atomics.store(words, at.open, parts);
    const start = performance.now();
    let others = parts;
    for (;;) {
      const part = Atomics.sub(words, at.open, 1) - 1;
      if (part < 0) break;
      call(...own, part * length, Math.min(count, (part + 1) * length));
      others--;
    }
    this.helped += others;
    this.join(others, timeouts.dead + 10 * (performance.now() - start));
    if (Atomics.load(words, at.failed) !== 0) throw new Error("a kernel failed in a worker");
  }

  close(): void {
    this.closed = true;
    for (const worker of this.workers) worker.terminate();
  }

  private join(parts: number, patience: number): void {
    const { words } = this;
    let deadline = 0;
    for (let turn = 1; Atomics.load(words, at.done) < parts; turn++) {
      if (turn % spins > 0) continue;
      const now = performance.now();
      if (deadline === 0) deadline = now + patience;
      if (now > deadline) throw new Error("a worker took work and did not come back");
      pause(words);
    }
  }

  private leave(thread: number, reason: string): void {
    if (this.closed) return;
    if (Atomics.load(this.words, at.arguments + 16 * thread + 15) === 0) this.absent ??= reason;
    else this.lost ??= `a worker died: ${reason}`;
  }
}

/** Leaves the core to another thread for a moment, where that is allowed. */
function pause(words: Int32Array): void {
  try {
    Atomics.wait(words, at.never, 0, 0.05);
  } catch {
    // The main thread of a browser must not wait: it spins.
  }
}
