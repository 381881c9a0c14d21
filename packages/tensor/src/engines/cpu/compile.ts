import type { Kernel } from "../../plan/fuse.js";
import { planArena } from "../../plan/memory.js";
import type { Plan, PlanNode } from "../../plan/plan.js";
import { lowerFused } from "./fused-kernel.js";
import type { Generator } from "./generator.js";
import { limits } from "./grid.js";
import type { Heap } from "./heap.js";
import { ownKernels } from "./own-kernel.js";
import { Pace } from "./pace.js";
import type { Word } from "./program.js";
import { bitsOf, ProgramWriter } from "./program.js";
import { replacements } from "./replacements.js";
import type { Step } from "./step.js";
import type { Surroundings } from "./surroundings.js";
import type { Kernels } from "./wasm.js";

/** A plan as a program of the tape. */
export interface Program {
  readonly bytes: number;
  readonly kernels: readonly Kernel[];
  /** Which outputs may take the memory of the leaf that they replace. */
  readonly overwrites: readonly boolean[];
  /** Whether workers make it faster. */
  readonly pace: Pace;
  /** What to do, in order. */
  readonly steps: readonly Step[];
  /** Nanoseconds that generated functions would save per run; 0 when it has them. */
  readonly saving: number;
  /** Nanoseconds of work that threads can share. */
  readonly shareable: number;
  /** First of the cells for leaves, for outputs; first line of the numbers. */
  readonly leaves: Word;
  readonly outputs: Word;
  readonly numbers: Word;
  readonly numberTypes: readonly string[];
  /** Cells that point into the workspace, and the room they need there. */
  readonly workspace: readonly { readonly cell: Word; readonly offset: number }[];
  readonly workspaceBytes: number;
  /** Cells that point into the scratch memory of a thread, and the room they need there. */
  readonly scratch: readonly { readonly cell: Word; readonly offset: number }[];
  readonly scratchBytes: number;
  /** Words that a copy of the program points into itself. */
  readonly relocations: Int32Array;
  /** The program as each thread finds it, the main one first; the others have copies as soon as they are needed. */
  readonly images: Image[];
}
/** A program in memory, for one thread. */
export interface Image {
  readonly address: number;
  /** The workspace and the scratch memory that its cells point into now. */
  workspace: number;
  scratch: number;
}

/** Gives the kernels of a plan their places and writes the program; with a generator, segments are functions. */
export function compile(
  plan: Plan,
  cut: readonly Kernel[],
  heap: Heap,
  kernels: Kernels,
  generator: Generator | null,
): Program {
  const arena = planArena(cut);
  const writer = new ProgramWriter();
  const leaves = writer.reserve(plan.leaves.length);
  const outputs = writer.reserve(plan.outputs.length);
  const numberTypes = [...plan.numberTypes, ...plan.computed.map((node) => node.dtype)];
  const numbers = writer.reserve(numberTypes.length * 16, 16);
  const bound = numbers + numberTypes.length * 16;
  const outputIndex = new Map(plan.outputs.map((node, i) => [node, i]));

  const cellOf = (node: PlanNode): Word => {
    if (node.leaf >= 0) return leaves + node.leaf;
    if (node.op.kind === "literal") return writer.constant(bitsOf(node.literal, node.dtype));
    if (node.number >= 0 && node.op.kind !== "own") return writer.programCell(numbers + node.number * 16);
    const output = outputIndex.get(node);
    return output !== undefined ? outputs + output : writer.workspaceCell(arena.offsets.get(node) as number);
  };
  const around: Surroundings = {
    writer,
    kernels,
    generator,
    cellOf,
    shared: arena.bytes,
    measure(block, words, ask) {
      const address = heap.allocate(words * 4);
      for (let i = 0; i < words; i++) heap.words[(address >> 2) + i] = writer.word(block + i);
      const answer = ask(address);
      heap.release(address, words * 4);
      return answer;
    },
  };

  const replaced = replacements(plan, cut);
  const steps: Step[] = [];
  let scratchBytes = 0;
  let sharedBytes = 0;
  let saving = 0;
  for (const kernel of cut) {
    if (kernel.kind === "fused") {
      const lowered = lowerFused(kernel, around, replaced);
      steps.push(...lowered.steps);
      scratchBytes = Math.max(scratchBytes, lowered.scratchBytes);
      sharedBytes = Math.max(sharedBytes, lowered.sharedBytes);
      saving += lowered.saving;
    } else {
      const lower = ownKernels[kernel.node.op.name];
      if (lower === undefined) throw new Error(`cpu: no kernel for "${kernel.node.op.name}"`);
      const own = lower(kernel.node, around);
      steps.push(own);
      scratchBytes = Math.max(scratchBytes, own.scratchBytes);
    }
  }
  const { address, bytes } = writer.place(heap);
  return {
    bytes,
    kernels: cut,
    overwrites: plan.outputs.map((node) => replaced.has(node)),
    pace: new Pace(),
    steps,
    saving: generator === null ? saving : 0,
    shareable: steps.reduce((sum, { nanoseconds }) => sum + (nanoseconds >= 2 * limits.part ? nanoseconds : 0), 0),
    leaves,
    outputs,
    numbers,
    numberTypes,
    workspace: writer.workspace,
    workspaceBytes: arena.bytes + sharedBytes,
    scratch: writer.scratch,
    scratchBytes: scratchBytes + 1024,
    relocations: writer.relocations(bound),
    images: [{ address, workspace: -1, scratch: -1 }],
  };
}
