import type { Tensor } from "@downhill/tensor";

interface Waiting {
  readonly step: number;
  readonly count: number;
  readonly values: readonly Tensor[];
}

/** Means over examples, exact however they were batched. Values are read together later, so that no step waits for them. */
export class Means {
  private waiting: Waiting[] = [];
  private readonly sums: number[];
  private examples = 0;

  constructor(private readonly names: readonly string[]) {
    this.sums = names.map(() => 0);
  }

  /** Adds the values of a batch of `count` examples. */
  add(step: number, count: number, values: readonly Tensor[]): void {
    this.waiting.push({ step, count, values });
  }

  /** Whether so many values wait that they hold much memory. */
  get full(): boolean {
    return this.waiting.length >= 64;
  }

  /** Reads what waits; `check` sees the first value of every batch. */
  async read(check?: (value: number, step: number) => void): Promise<void> {
    const batches = this.waiting;
    this.waiting = [];
    for (const { step, count, values } of batches) {
      const numbers = await Promise.all(values.map((value) => value.item()));
      check?.(numbers[0] as number, step);
      this.examples += count;
      numbers.forEach((value, i) => {
        this.sums[i] = (this.sums[i] as number) + value * count;
      });
    }
  }

  /** The means by name; none before the first value. */
  result(): Record<string, number> {
    if (this.examples === 0) return {};
    return Object.fromEntries(this.names.map((name, i) => [name, (this.sums[i] as number) / this.examples]));
  }
}
