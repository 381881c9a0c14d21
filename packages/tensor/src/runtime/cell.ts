import type { DType } from "../dtype.js";
import type { Buffer, Engine } from "../engines/engine.js";
import type { CellRef, Node } from "../node.js";
import { leaf, Value } from "../node.js";
import type { Shape } from "../shape.js";

/** Device memory of a cell, apart from it so that it can be freed after the cell was collected. */
interface Storage {
  engine: Engine;
  readonly buffers: Set<Buffer>;
}

/** The gradient of a cell: none yet; a graph or an accumulator; or used up by an optimizer step. */
export type Gradient =
  | { readonly state: "none" | "used"; readonly node: null }
  | { readonly state: "ready"; readonly node: Node };

export const noGradient: Gradient = { state: "none", node: null };
export const usedGradient: Gradient = { state: "used", node: null };

const alive = new Set<WeakRef<Cell>>();
const dropped = new FinalizationRegistry<{ storage: Storage; ref: WeakRef<Cell> }>(({ storage, ref }) => {
  alive.delete(ref);
  if (storage.engine.lost === null) for (const buffer of storage.buffers) storage.engine.free(buffer);
});

/** All cells that are in use. */
export function* liveCells(): Generator<Cell> {
  for (const ref of alive) {
    const cell = ref.deref();
    if (cell !== undefined) yield cell;
  }
}

/**
 * A value that is replaced as a whole, double-buffered: what was built on the current version reads as before a write,
 * until the write after that one.
 */
export class Cell implements CellRef {
  current: Node;
  private previous: Node | null = null;
  private readonly storage: Storage;
  gradient: Gradient = noGradient;
  /** Where gradients of several backward passes add up. */
  accumulator: Cell | null = null;
  // One function for all versions: every step lets go of some, and hardly anybody asks why.
  private readonly overwrittenText = (): string =>
    `"${this.name}" was overwritten; read it before the update that follows`;
  private readonly forgottenText = (): string =>
    `it was built from "${this.name}" as it was at least 2 updates ago, and that value is gone; read it before the second optimizer.step() or assign() after building it`;

  constructor(
    engine: Engine,
    public name: string,
    readonly trainable: boolean,
    readonly shape: Shape,
    readonly dtype: DType,
    /** Gives the new buffer its first values. */
    fill?: (buffer: Buffer) => void,
    /** The next value may take the memory of the current one, where a plan allows it. */
    readonly overwritten: boolean = false,
  ) {
    this.storage = { engine, buffers: new Set() };
    const buffer = this.allocate();
    fill?.(buffer);
    this.current = this.version(buffer);
    const ref = new WeakRef(this);
    alive.add(ref);
    dropped.register(this, { storage: this.storage, ref });
  }

  /**
   * The buffer that the next write fills: that of the version before the current one, unless this walk met it; that of the
   * current one where the cell and the plan allow it.
   */
  target(walk: number, mayOverwrite: boolean): Buffer {
    if (mayOverwrite && this.overwritten) return this.buffer();
    const value = this.previous?.value ?? null;
    if (value?.buffer && value.met !== walk) return value.buffer;
    return this.allocate();
  }

  /** Makes `buffer`, which holds the new value, the current version. */
  commit(buffer: Buffer): void {
    const value = this.current.value as Value;
    if (value.buffer === buffer) {
      this.forgetPrevious(null);
      value.buffer = null;
      value.gone = this.overwrittenText;
    } else {
      this.forgetPrevious(buffer);
      this.previous = this.current;
    }
    this.current = this.version(buffer);
  }

  /** After a launch that failed while it ran: the target no longer holds what it held. */
  abandon(buffer: Buffer): void {
    if (this.current.value?.buffer === buffer) return;
    if (this.previous?.value?.buffer === buffer) this.forgetPrevious(null);
    else this.release(buffer);
  }

  /** The engine was lost: the value is gone, and the next one goes to `engine`. */
  lose(engine: Engine, reason: string): void {
    this.storage.buffers.clear();
    this.storage.engine = engine;
    for (const version of [this.current, this.previous]) {
      const value = version?.value;
      if (!value) continue;
      value.buffer = null;
      value.gone = () =>
        `"${this.name}" was lost with its engine (${reason}); assign a new value, for example from a checkpoint`;
    }
    this.previous = null;
  }

  /** Takes the value along to another engine; versions before the current one are gone. */
  moveTo(engine: Engine): void {
    if (this.current.value?.buffer == null) {
      this.lose(engine, this.current.value?.gone?.() ?? "it was lost");
      return;
    }
    const values = this.storage.engine.read(this.buffer(), this.dtype, this.shape.size);
    this.forgetPrevious(null);
    const value = this.current.value as Value;
    this.release(value.buffer as Buffer);
    this.storage.engine = engine;
    const buffer = this.allocate();
    const host = engine.host(this.dtype, this.shape.size);
    host.set(values);
    engine.write(buffer, host);
    value.buffer = buffer;
  }

  private buffer(): Buffer {
    return this.current.value?.buffer as Buffer;
  }

  private version(buffer: Buffer): Node {
    const node = leaf(this.shape, this.dtype, new Value(null, buffer));
    node.cell = this;
    node.tracked = this.trainable;
    return node;
  }

  private forgetPrevious(reused: Buffer | null): void {
    const value = this.previous?.value;
    if (!value) return;
    const { buffer } = value;
    value.buffer = null;
    value.gone = this.forgottenText;
    this.previous = null;
    if (buffer !== null && buffer !== reused) this.release(buffer);
  }

  private allocate(): Buffer {
    const buffer = this.storage.engine.allocate(this.dtype, this.shape.size);
    this.storage.buffers.add(buffer);
    return buffer;
  }

  private release(buffer: Buffer): void {
    this.storage.buffers.delete(buffer);
    this.storage.engine.free(buffer);
  }
}
