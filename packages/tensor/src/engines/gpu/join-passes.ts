import type { Limits } from "./devices/device.js";
import type { Piece } from "./joint-pass.js";
import { JointPass, keyOf, pieceOf } from "./joint-pass.js";
import type { Pass } from "./pass.js";

/** Threads of a pass whose start costs more than its work, so that it is worth waiting for others. */
const mostSmall = 4096;
/** Passes that wait: bounds the time that finding room for them takes. */
const mostWaiting = 64;
/** Elements of temporaries that are kept for nothing but what waits. */
const mostHeld = 2 ** 18;

/** Passes, and the elements that their temporaries have. */
interface Joined {
  readonly passes: readonly Pass[];
  readonly sizes: readonly number[];
}

/**
 * Fewer passes that do the same: starting one costs as much as thousands of additions. Neighbours with as many threads become
 * one. Small ones are put off until somebody needs what they compute, and become one with others that they meet by then.
 */
export function joinPasses(passes: readonly Pass[], sizes: readonly number[], limits: Limits): Joined {
  return new Joiner(passes, sizes, limits).run();
}

class Joiner {
  private readonly readers = new Map<string, Set<Pass>>();
  /** What a pass must come after. */
  private readonly sources = new Map<Pass, Set<Pass>>();
  private readonly done: (JointPass | Pass)[] = [];
  private waiting: Piece[] = [];

  constructor(
    private readonly passes: readonly Pass[],
    private readonly sizes: readonly number[],
    private readonly limits: Limits,
  ) {
    const filler = new Map<string, Pass>();
    for (const pass of passes) {
      const sources = new Set<Pass>();
      for (const key of pass.inputs.map(keyOf)) {
        const source = filler.get(key);
        if (source !== undefined) sources.add(source);
        const known = this.readers.get(key);
        if (known === undefined) this.readers.set(key, new Set([pass]));
        else known.add(pass);
      }
      for (const key of pass.outputs.map(keyOf)) filler.set(key, pass);
      this.sources.set(pass, sources);
    }
  }

  run(): Joined {
    for (const pass of this.passes) {
      const piece = pieceOf(pass);
      if (piece !== null && pass.size <= mostSmall) {
        this.waiting.push(piece);
        if (this.held() > mostHeld || this.waiting.length >= mostWaiting) this.start(this.waiting);
        continue;
      }
      this.start(this.neededBy(pass));
      const before = this.done.at(-1);
      const joins = before instanceof JointPass && before.size === pass.size && piece !== null && before.add(piece);
      if (!joins) this.done.push(piece === null ? pass : new JointPass(piece, this.limits, this.readers));
    }
    this.start(this.waiting);
    const passes = this.done.map((each) => (each instanceof JointPass ? each.finish() : each));
    return { passes, sizes: this.limits.mixed ? this.sizes : grown(this.sizes, passes) };
  }

  /** Elements of temporaries that only what waits still reads. */
  private held(): number {
    const waiting = new Set(this.waiting.map(({ pass }) => pass));
    const held = new Set<number>();
    for (const pass of waiting)
      for (const place of pass.inputs)
        if (place.kind === "temporary" && [...(this.readers.get(keyOf(place)) ?? [])].every((by) => waiting.has(by)))
          held.add(place.index);
    return [...held].reduce((sum, index) => sum + (this.sizes[index] as number), 0);
  }

  /** What waits and must be done before a pass. */
  private neededBy(pass: Pass): Piece[] {
    const needed = new Set(this.sources.get(pass));
    const found: Piece[] = [];
    for (let i = this.waiting.length - 1; i >= 0; i--) {
      const piece = this.waiting[i] as Piece;
      if (!needed.has(piece.pass)) continue;
      found.push(piece);
      for (const source of this.sources.get(piece.pass) as Set<Pass>) needed.add(source);
    }
    return found;
  }

  /** Starts pieces that wait, in as few passes as have room for them, and takes others along. */
  private start(pieces: readonly Piece[]): void {
    const needed = new Set(pieces);
    while (needed.size > 0) {
      const joints: JointPass[] = [];
      const at = new Map<Pass, JointPass>();
      const taken = this.waiting.filter((piece) => needed.has(piece) && this.take(piece, joints, at, true));
      for (const piece of this.waiting) if (!needed.has(piece)) this.take(piece, joints, at, false);
      this.done.push(...joints);
      this.waiting = this.waiting.filter(({ pass }) => !at.has(pass));
      for (const piece of taken) needed.delete(piece);
    }
  }

  /** Puts a piece into one of the passes that start now, or, where it is needed, into one more; false: it has to wait. */
  private take(piece: Piece, joints: JointPass[], at: Map<Pass, JointPass>, needed: boolean): boolean {
    const { pass } = piece;
    const sources = this.waiting.filter((each) => this.sources.get(pass)?.has(each.pass)).map((each) => each.pass);
    // What it needs is in the same pass, if it waits as well.
    const homes = new Set(sources.map((source) => at.get(source)));
    const [home] = homes;
    if (homes.size > 1 || (homes.size === 1 && home === undefined)) return false;
    let joint = (home === undefined ? joints : [home]).find((each) => each.add(piece));
    if (joint === undefined) {
      if (home !== undefined || !needed) return false;
      joint = new JointPass(piece, this.limits, this.readers);
      joints.push(joint);
    }
    at.set(pass, joint);
    return true;
  }
}

/** All temporaries that a pass fills as large as the pass. */
function grown(sizes: readonly number[], passes: readonly Pass[]): number[] {
  const all = [...sizes];
  for (const { outputs, size } of passes)
    for (const { kind, index } of outputs) if (kind === "temporary") all[index] = Math.max(all[index] as number, size);
  return all;
}
