import type { Image, Program } from "./compile.js";
import type { Heap } from "./heap.js";

interface Held {
  address: number;
  bytes: number;
}

/** The memory in which programs work, shared by all of them: one workspace, and scratch memory for each thread. */
export class Placement {
  private readonly workspace: Held = { address: 0, bytes: 0 };
  private readonly scratches: Held[] = [];

  constructor(private readonly heap: Heap) {}

  /** Address of the scratch memory of a thread. */
  scratch(thread: number): number {
    return (this.scratches[thread] as Held).address;
  }

  /** Makes room for a program on this many threads and points its cells there. */
  place(program: Program, threads: number): void {
    const { workspace, scratches, heap } = this;
    const main = program.images[0] as Image;
    this.reserve(workspace, program.workspaceBytes);
    for (let thread = 0; thread < threads; thread++) {
      scratches[thread] ??= { address: 0, bytes: 0 };
      const scratch = scratches[thread] as Held;
      this.reserve(scratch, program.scratchBytes);
      program.images[thread] ??= this.copy(program);
      const image = program.images[thread] as Image;
      if (image.scratch === scratch.address) continue;
      for (const { cell, offset } of program.scratch)
        heap.words[(image.address >> 2) + cell] = scratch.address + offset;
      image.scratch = scratch.address;
    }
    if (main.workspace === workspace.address) return;
    for (const { cell, offset } of program.workspace)
      heap.words[(main.address >> 2) + cell] = workspace.address + offset;
    main.workspace = workspace.address;
  }

  release(program: Program): void {
    for (const { address } of program.images) this.heap.release(address, program.bytes);
  }

  private reserve(held: Held, bytes: number): void {
    if (bytes <= held.bytes) return;
    if (held.bytes > 0) this.heap.release(held.address, held.bytes);
    held.bytes = 0;
    held.address = this.heap.allocate(bytes);
    held.bytes = bytes;
  }

  /** A copy for one more thread: what moves with it points into it, all else where the original points. */
  private copy({ images, bytes, relocations }: Program): Image {
    const from = (images[0] as Image).address;
    const address = this.heap.allocate(bytes);
    const { words } = this.heap;
    words.copyWithin(address >> 2, from >> 2, (from + bytes) >> 2);
    for (const word of relocations)
      words[(address >> 2) + word] = (words[(address >> 2) + word] as number) + address - from;
    return { address, workspace: -1, scratch: -1 };
  }
}
