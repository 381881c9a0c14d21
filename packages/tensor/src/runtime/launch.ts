import type { HostArray } from "../dtype.js";
import type { Buffer, Engine, Runnable } from "../engines/engine.js";
import type { Node } from "../node.js";
import { state, Value } from "../node.js";
import { buildPlan } from "../plan/build.js";
import { PlanCache } from "../plan/cache.js";
import type { Plan } from "../plan/plan.js";
import { runNumbers } from "../plan/plan.js";
import { Walk } from "../plan/walk.js";
import type { Cell } from "./cell.js";
import { Uploads } from "./uploads.js";

/** What a write needs of a cell. */
type Target = Pick<Cell, "overwritten" | "current" | "target" | "commit" | "abandon">;

/** Puts the value of `node` into `cell` when the launch succeeds. */
export interface Write {
  readonly cell: Target;
  readonly node: Node;
}

interface Prepared {
  readonly plan: Plan;
  readonly runnable: Runnable;
}

/** Counts and milliseconds since the engine started, see profile(). */
export interface Profile {
  /** Launches: evaluations and optimizer steps. */
  launches: number;
  /** Graph nodes walked. */
  nodes: number;
  /** Plans made; stays the same once every kind of step has run. */
  plans: number;
  /** Kernels run. */
  kernels: number;
  /** Milliseconds in walking graphs and looking up their plans. */
  keyingTime: number;
  /** Milliseconds in making plans. */
  planningTime: number;
  /** Milliseconds in copying host data to the engine and results back. */
  copyTime: number;
  /** Milliseconds in kernels. */
  kernelTime: number;
}

const planLimit = 256;

/** Runs graphs on one engine: key, plan, bind, run, then commit; a failure before the commit leaves no trace. */
export class Launcher {
  readonly profile: Profile = {
    launches: 0,
    nodes: 0,
    plans: 0,
    kernels: 0,
    keyingTime: 0,
    planningTime: 0,
    copyTime: 0,
    kernelTime: 0,
  };
  private readonly walk = new Walk();
  private readonly cache: PlanCache<Prepared>;
  private readonly uploads: Uploads;

  /** Asynchronous engines only: refuses `${fn}Sync`, which can't wait for them. */
  atOnce?(fn: string): void;
  /** Asynchronous engines only: resolves when at most `waiting` runs are not done, or when there is room for more. */
  room?(waiting?: number): Promise<void>;

  constructor(readonly engine: Engine) {
    this.uploads = new Uploads(engine);
    this.cache = new PlanCache(planLimit, ({ runnable }) => engine.release(runnable));
  }

  /** Evaluates `sinks` into host values and `writes` into their cells, in one plan. */
  launch(sinks: readonly Node[], writes: readonly Write[] = []): void {
    const open: Node[] = [];
    for (const node of new Set(sinks)) if (needsWork(node)) open.push(node);
    if (open.length === 0 && writes.length === 0) return;
    this.checkAlive();
    const { walk, profile } = this;
    try {
      const start = performance.now();
      const requested = open.concat(writes.map(({ node }) => node));
      const replaced = requested.map((_, i) => {
        const cell = writes[i - open.length]?.cell;
        return cell?.overwritten ? cell.current : null;
      });
      walk.run(requested, replaced);
      profile.nodes += walk.nodes.length;
      let prepared = this.cache.find(walk);
      let keyed = performance.now();
      profile.keyingTime += keyed - start;
      if (prepared === undefined) {
        const plan = buildPlan(walk, requested, replaced);
        prepared = { plan, runnable: this.engine.compile(plan) };
        this.cache.add(walk, prepared);
        profile.plans++;
        const planned = performance.now();
        profile.planningTime += planned - keyed;
        keyed = planned;
      }
      this.run(prepared, open, writes, keyed);
      profile.launches++;
    } finally {
      walk.release();
    }
  }

  /** A copy of the values of an evaluated node: at once for the function `${_fn}Sync`, else as soon as the engine can. */
  read(node: Node, _fn?: string): HostArray | Promise<HostArray> {
    const { value, dtype, shape } = node;
    if (node.op.kind === "number" || node.op.kind === "literal") return this.engine.host(dtype, 1).fill(node.num);
    if (value?.host) return value.host.slice();
    this.checkAlive();
    if (!value?.buffer) throw gone(value);
    const values = this.engine.read(value.buffer, dtype, shape.size);
    // A gradient in its accumulator: what was read once stays readable.
    if (node.cell === null) node.value = new Value(values.slice(), null);
    return values;
  }

  /** Computes `node`; the result puts a copy of its values into a buffer. */
  filler(node: Node): (buffer: Buffer) => void {
    this.launch([node]);
    const values = this.read(node) as HostArray;
    return (buffer) => this.engine.write(buffer, values);
  }

  close(): void {
    this.uploads.clear();
    if (this.engine.lost !== null) return;
    this.cache.clear();
    this.engine.close();
  }

  /** Runs a plan from the time `start` on, then commits. */
  private run({ plan, runnable }: Prepared, open: readonly Node[], writes: readonly Write[], start: number): void {
    const { walk, engine, profile, uploads } = this;
    // Every leaf is checked before anything is touched.
    for (const { value } of walk.leaves) if (!value?.host && !value?.buffer) throw gone(value);
    const leaves = (walk.leaves as (Node & { value: Value })[]).map(
      ({ value, dtype, shape }) => value.buffer ?? uploads.bind(value, dtype, shape.size),
    );
    const numbers = runNumbers(plan, walk.numbers);
    // A run that can fail half-way must leave the old values alone.
    const checked = !plan.computesIndices && plan.indexLeaves.every(({ leaf }) => walk.leaves[leaf]?.value?.host);
    const overwrites = engine.overwrites(runnable);
    /** Buffers of the open nodes, which are freed, then those that the cells take over. */
    const outputs: Buffer[] = [];
    let uploaded: number;
    let finished: number;
    try {
      for (const node of open) outputs.push(engine.allocate(node.dtype, node.shape.size));
      for (const { cell } of writes)
        outputs.push(cell.target(walk.epoch, checked && overwrites[outputs.length] === true));
      uploaded = performance.now();
      engine.run(runnable, leaves, numbers, outputs);
      finished = performance.now();
      open.forEach((node, i) => {
        settleValue(node, this.take(outputs[i] as Buffer, node));
      });
    } catch (error) {
      writes.forEach(({ cell }, i) => {
        const buffer = outputs[open.length + i];
        if (buffer) cell.abandon(buffer);
      });
      throw error;
    } finally {
      for (const buffer of outputs.slice(0, open.length)) engine.free(buffer);
      uploads.sweep();
    }
    writes.forEach(({ cell }, i) => {
      cell.commit(outputs[open.length + i] as Buffer);
    });
    if (writes.length > 0) state.writes++;
    profile.copyTime += uploaded - start + (performance.now() - finished);
    profile.kernelTime += finished - uploaded;
    profile.kernels += engine.kernelCount(runnable);
  }

  /** The value of a node that a run has put into `buffer`, which is freed after this. */
  protected take(buffer: Buffer, { dtype, shape }: Node): Value {
    return new Value(this.engine.read(buffer, dtype, shape.size), null);
  }

  protected checkAlive(): void {
    const { lost, name } = this.engine;
    if (lost !== null)
      throw new Error(
        `evaluate: the engine "${name}" is gone (${lost}); call useEngine() and load the parameters from a checkpoint`,
      );
  }
}

/** Host values that are shared with an evaluated input need no kernel. */
function needsWork(node: Node): boolean {
  if (node.value !== null || node.op.kind === "number" || node.op.kind === "literal") return false;
  let base = node;
  while (base.op.kind === "alias" && base.value === null && base.a !== null) base = base.a;
  if (!base.value?.host) return true;
  // The same value, so that it is uploaded once.
  settleValue(node, base.value);
  return false;
}

/** The node now holds its values; what lies below is let go, unless a gradient may still want it. */
function settleValue(node: Node, value: Value): void {
  node.value = value;
  if (!node.tracked) cut(node);
}

/** Lets go of the graph below an evaluated node. */
export function cut(node: Node): void {
  node.a = null;
  node.b = null;
  node.c = null;
}

function gone(value: Value | null): Error {
  return new Error(`evaluate: this tensor can't be read: ${value?.gone?.() ?? "its value is gone"}`);
}
