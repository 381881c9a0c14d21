/** Something that jobs wait for. */
export interface Gate {
  open: boolean;
}

export const openGate: Gate = { open: true };

interface Job {
  readonly gate: Gate;
  readonly start: () => void;
  /** Called instead of `start` when the queue is dropped. */
  readonly refuse: ((error: Error) => void) | null;
}

/** Starts jobs in the order in which they came, each at once or when its gate and those before it have opened. */
export class JobQueue {
  private jobs: Job[] = [];
  private next = 0;
  private pumping = false;

  /** `fail` hears of a job that throws, drops the queue, and says what others are told. */
  constructor(private readonly fail: (cause: unknown) => Error) {}

  push(gate: Gate, start: () => void, refuse: Job["refuse"] = null): void {
    this.jobs.push({ gate, start, refuse });
    this.pump();
  }

  /** Starts what can start: to be called when a gate has opened. */
  pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    for (let job = this.jobs[this.next]; job?.gate.open; job = this.jobs[this.next]) {
      this.next++;
      try {
        job.start();
      } catch (error) {
        job.refuse?.(this.fail(error));
      }
    }
    this.pumping = false;
    if (this.next === this.jobs.length) this.drop(null);
  }

  /** Refuses whatever has not started. */
  drop(error: Error | null): void {
    const left = this.jobs.slice(this.next);
    this.jobs = [];
    this.next = 0;
    if (error !== null) for (const { refuse } of left) refuse?.(error);
  }
}
