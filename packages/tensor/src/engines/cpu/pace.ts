/** Most and fewest runs between two looks at the way that was slower: the first times are those of cold code. */
const mostRuns = { alone: 64, together: 256 };
const fewestRuns = 16;
/** Runs of a look: the first ones wake workers, or let them sleep. */
const look = 3;

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
    // Looks come at powers of two, later evenly; workers that don't help cost less than workers that could.
    const power = 1 << (31 - Math.clz32(this.runs));
    const most = faster ? mostRuns.together : mostRuns.alone;
    return this.runs % Math.min(most, Math.max(fewestRuns, power)) < look ? !faster : faster;
  }

  /** How long the run took. */
  record(together: boolean, time: number): void {
    if (together) this.together = blend(this.together, time);
    else this.alone = blend(this.alone, time);
  }
}

/** Near the least: what disturbs a run makes it longer. It forgets within some runs, as the other work may stay. */
const blend = (known: number, time: number): number =>
  known === 0 || time < known ? time : known + (time - known) / 16;
