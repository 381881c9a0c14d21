/** Most and fewest runs between two looks at the way that was slower: the first times are those of cold code. */
const mostRuns = 256;
const fewestRuns = 16;
/** Runs of a look; only the last one counts: the others wake workers, or let them sleep. */
const look = 4;

/**
 * Whether a program is faster with workers, by its own times: where the cores are busy with something else, workers only
 * get in the way. Results are the same either way.
 */
export class Pace {
  private alone = 0;
  private together = 0;
  private runs = 0;

  /** Whether the next run should be offered to workers. */
  choose(): boolean {
    this.runs++;
    if (this.alone === 0) return false;
    if (this.together === 0) return true;
    // A draw goes to one thread: the other cores have better things to do.
    const faster = this.together < 0.95 * this.alone;
    return this.looking() < look ? !faster : faster;
  }

  /** How long the run took. */
  record(together: boolean, time: number): void {
    if (this.together > 0 && this.looking() < look - 1) return;
    if (together) this.together = blend(this.together, time);
    else this.alone = blend(this.alone, time);
  }

  /** Runs since the last look began; looks come at powers of two, later evenly. */
  private looking(): number {
    const power = 1 << (31 - Math.clz32(this.runs));
    return this.runs % Math.min(mostRuns, Math.max(fewestRuns, power));
  }
}

const blend = (mean: number, time: number): number => (mean === 0 ? time : mean + (time - mean) / 2);
