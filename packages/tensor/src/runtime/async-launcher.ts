import type { HostArray } from "../dtype.js";
import type { AsyncEngine } from "../engines/async-engine.js";
import type { Buffer } from "../engines/engine.js";
import { DeviceLostError } from "../engines/gpu/device-lost.js";
import type { Node } from "../node.js";
import { state, Value } from "../node.js";
import { detached } from "../ops/movement.js";
import { clearGradient } from "./backward.js";
import { liveCells } from "./cell.js";
import type { Write } from "./launch.js";
import { Launcher } from "./launch.js";

/** Most runs that may wait: a loop that never awaits must end somewhere. */
const limit = 512;
/** With fewer waiting runs there is room for more: what happens between two awaits has to fit, too. */
const roomy = 256;
/** Launches that a result survives on the device without being used. */
const lifetime = 8;
/** Results up to this many elements are brought to JavaScript together, every so many launches. */
const small = 1024;
const batch = 32;

/** A result that lies on the device; its value holds the buffer, and the host copy too once that has arrived. */
interface Result {
  readonly value: Value;
  readonly node: Pick<Node, "dtype" | "shape">;
  /** Last walk that met the value, and launches since then. */
  met: number;
  idle: number;
  arrival: Promise<HostArray> | null;
}

/**
 * Runs graphs on an engine whose results arrive later. They stay on the device, where other graphs use them, and are brought
 * to JavaScript when they are read, or when nobody has used them for a while: so they are never lost and memory stays flat.
 */
export class AsyncLauncher extends Launcher {
  private results: Result[] = [];
  private readonly resultOf = new WeakMap<Value, Result>();
  private clock = 0;
  /** First values of cells don't count: a model is made without awaiting. So many runs waited after the last of them. */
  private counting = true;
  private excused = 0;
  private leaving: "no" | "reading" | "ready" = "no";

  constructor(override readonly engine: AsyncEngine) {
    super(engine);
  }

  override launch(sinks: readonly Node[], writes?: readonly Write[]): void {
    const { launches } = this.profile;
    super.launch(sinks, writes);
    if (this.profile.launches > launches) this.sweep();
  }

  override atOnce(fn: string): never {
    const way = fn === "evaluate" ? "await evaluate(...)" : `await t.${fn}()`;
    throw new Error(`${fn}Sync: this engine ("${this.engine.name}") reads asynchronously; use ${way}`);
  }

  override room(waiting: number = roomy): Promise<void> {
    return this.engine.room(waiting);
  }

  override read(node: Node, fn?: string): HostArray | Promise<HostArray> {
    if (fn !== undefined) this.atOnce(fn);
    const { value, dtype, shape } = node;
    if (value === null || value.host !== null || value.buffer === null) return super.read(node);
    const result = this.resultOf.get(value);
    if (result !== undefined) return this.fetch(result).then((values) => values.slice());
    if (node.cell !== null) return this.engine.readLater(value.buffer, dtype, shape.size);
    // A gradient in its accumulator: what was read once stays readable.
    const copy = detached(node);
    this.launch([copy]);
    node.value = copy.value;
    return this.read(node);
  }

  override filler(node: Node): (buffer: Buffer) => void {
    const host = node.value?.host;
    if (host) return (buffer) => this.engine.write(buffer, host);
    return (buffer) => {
      const { writes } = state;
      const cell = {
        overwritten: false,
        current: node,
        target: () => buffer,
        commit: () => {},
        abandon: () => this.engine.free(buffer),
      };
      this.counting = false;
      try {
        this.launch([], [{ cell, node }]);
      } finally {
        this.counting = true;
        this.excused = this.engine.waiting;
        // A first value ends no version.
        state.writes = writes;
      }
    };
  }

  /** Brings all that lies on the device to JavaScript, so that everything can move to another engine. */
  async leave(): Promise<void> {
    this.checkUsable();
    this.leaving = "reading";
    try {
      const results = this.results.map((result) => this.fetch(result));
      const cells = [...liveCells()].map(async ({ current, dtype, shape }) => {
        const buffer = current.value?.buffer;
        return buffer ? ([buffer, await this.engine.readLater(buffer, dtype, shape.size)] as const) : null;
      });
      const [values] = await Promise.all([Promise.all(cells), ...results]);
      this.engine.prefetch(new Map(values.filter((entry) => entry !== null)));
      this.leaving = "ready";
    } catch (error) {
      this.leaving = "no";
      throw error;
    }
  }

  override close(): void {
    const { lost, name } = this.engine;
    if (lost === null && this.leaving !== "ready") this.engine.read({}, "float32", 0);
    for (const { value } of this.results) {
      value.buffer = null;
      value.gone ??= () => `it was lost with the engine "${name}" (${lost})`;
    }
    // A backward pass that can't be computed any more must not stand in the way of a checkpoint.
    if (lost !== null) for (const cell of liveCells()) clearGradient(cell);
    super.close();
  }

  protected override take(buffer: Buffer, node: Node): Value {
    this.engine.hold(buffer);
    const value = new Value(null, buffer);
    const { dtype, shape } = node;
    const result = { value, node: { dtype, shape }, met: 0, idle: 0, arrival: null };
    this.results.push(result);
    this.resultOf.set(value, result);
    return value;
  }

  protected override checkAlive(): void {
    this.checkUsable();
    const { name, waiting } = this.engine;
    this.excused = Math.min(this.excused, waiting);
    if (this.counting && waiting - this.excused >= limit)
      throw new Error(
        `evaluate: ${limit} runs wait for the engine "${name}"; write "await optimizer.step()" in the loop, or await what it reads`,
      );
  }

  private checkUsable(): void {
    const { lost, name } = this.engine;
    if (lost !== null) throw new DeviceLostError(name, lost);
    if (this.leaving !== "no") throw new Error("evaluate: leaveGpu() is under way; await it before the next operation");
  }

  private fetch(result: Result): Promise<HostArray> {
    const { value, node } = result;
    result.arrival ??= this.engine.readLater(value.buffer as Buffer, node.dtype, node.shape.size).then((values) => {
      value.host = values;
      // What is small is uploaded again where it is wanted: a loop that reads every loss needs one buffer for all.
      if (node.shape.size <= small) this.drop(value);
      return values;
    });
    return result.arrival;
  }

  /** Frees what was not used for a while and is there in JavaScript, and sends for what is not. */
  private sweep(): void {
    const together = ++this.clock % batch === 0;
    this.results = this.results.filter((result) => {
      const { value, node } = result;
      if (value.buffer === null) return false;
      if (value.met !== result.met) {
        result.met = value.met;
        result.idle = 0;
      } else result.idle++;
      if (result.idle <= lifetime) return true;
      if (value.host === null) {
        // Whoever reads the value later hears of an error.
        if (together || node.shape.size > small) this.fetch(result).catch(() => {});
        return true;
      }
      this.drop(value);
      return false;
    });
  }

  private drop(value: Value): void {
    if (value.buffer !== null) this.engine.free(value.buffer);
    value.buffer = null;
  }
}
