import type { FunctionBody } from "./module-writer.js";
import { moduleOf } from "./module-writer.js";
import type { Segment } from "./segment.js";
import { segmentCode } from "./segment-code.js";
import type { Linked } from "./wasm.js";
import { forSharedMemory, mostPages } from "./wasm.js";

/** Functions of an engine, all programs together: each keeps some memory of the host for ever. */
const mostFunctions = 4096;

/** A module of functions that have a place in the table, one after the other. */
export interface GeneratedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly first: number;
  readonly count: number;
}

/** The functions made for segments, shared by all programs of an engine: the same steps are the same function. */
export class Generator {
  readonly modules: GeneratedModule[] = [];
  private readonly places = new Map<string, number>();
  private fresh: FunctionBody[] = [];
  private count = 0;
  /** The host refused a module: no more functions, the tape does all. */
  refused = false;

  /** The place in the table of a segment's function, which is there after {@link Generator.finish}; null: there is none. */
  place(segment: Segment): number | null {
    if (this.refused) return null;
    const key = keyOf(segment);
    const known = this.places.get(key);
    if (known !== undefined) return known;
    if (this.count === mostFunctions) return null;
    this.fresh.push(segmentCode(segment));
    this.places.set(key, this.count);
    return this.count++;
  }

  /** Gives the module of all functions that are new, null when there are none. */
  finish(): GeneratedModule | null {
    if (this.fresh.length === 0) return null;
    const { length } = this.fresh;
    const module = { bytes: moduleOf(this.fresh, mostPages), first: this.count - length, count: length };
    this.fresh = [];
    this.modules.push(module);
    return module;
  }
}

function keyOf({ steps, operands }: Segment): string {
  const parts = steps.map(({ opcode, sources, target }) => `${opcode} ${sources} ${target}`);
  return `${parts.join(";")}|${operands.map(({ kind }) => kind)}`;
}

/** Puts the functions of a module into a table. */
export function install({ bytes, first, count }: GeneratedModule, { memory, table }: Linked): void {
  const shared = !(memory.buffer instanceof ArrayBuffer);
  const module = new WebAssembly.Module(shared ? forSharedMemory(bytes) : bytes);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (table.length < first + count) table.grow(first + count - table.length);
  for (let i = 0; i < count; i++) table.set(first + i, exports[String(i)]);
}
