import type { FusedKernel } from "../../plan/fuse.js";
import { isStored } from "../../plan/memory.js";
import type { PlanNode } from "../../plan/plan.js";
import { savingOf, withFunctions } from "./generate.js";
import type { Loop } from "./instructions.js";
import { placeRegisters, writeLoop } from "./instructions.js";
import { KernelState, line } from "./kernel-loop.js";
import { writeMatmul } from "./matmul.js";
import { postLoops } from "./post-loop.js";
import { RowLoop } from "./row-loop.js";
import type { Step } from "./step.js";
import type { Lowered, Surroundings } from "./surroundings.js";

/** Turns one fused kernel into loops of the tape. */
export function lowerFused(
  kernel: FusedKernel,
  around: Surroundings,
  replaced: ReadonlyMap<PlanNode, PlanNode>,
): Lowered {
  const { members, rows, columns } = kernel;
  const { writer, shared, generator } = around;
  const state = new KernelState(kernel, around, replaced);
  const { accumulators, inside, places } = state;
  const { partRows, chunk, nanoseconds } = state.cut;
  const parted = partRows < rows;
  const steps: Step[] = [];
  let sharedBytes = 0;
  let matmul: Loop["matmul"];
  const product = members.find((node) => node.op.kind === "matmul");
  if (product !== undefined) {
    const cell = isStored(product, inside) ? around.cellOf(product) : null;
    const staged = writeMatmul(product, cell, chunk, parted, around);
    const { pack } = staged;
    if (pack !== null) steps.push({ nanoseconds: pack.nanoseconds, run: ({ share }) => share(pack) });
    matmul = { chunkRows: chunk, block: staged.block };
    accumulators.from = staged.scratchBytes;
    sharedBytes = staged.sharedBytes;
    places.set(product, { base: { cell: staged.cell }, rowStride: columns * 4, columnStride: 4, step: line });
  }
  const loops: Loop[] = [new RowLoop(state).loop(matmul)];
  if (parted && accumulators.bytes > 0) {
    const copies = shared + sharedBytes;
    const parts = Math.ceil(rows / partRows);
    const { from, bytes } = accumulators;
    sharedBytes += parts * bytes;
    loops[0] = { ...(loops[0] as Loop), kept: { from, bytes, copies: writer.workspaceCell(copies), partRows } };
    loops.push(accumulators.combined(parts, copies, writer));
  }
  loops.push(...postLoops(state));

  const saving = loops.reduce((sum, loop) => sum + savingOf(loop), 0);
  const final = generator === null ? loops : loops.map((loop) => withFunctions(loop, generator));
  const all = final.flatMap(({ prologue, body, epilogue = [] }) => [...prologue, ...body, ...epilogue]);
  const scratchBytes = placeRegisters(all, accumulators.from + accumulators.bytes);
  final.forEach((loop, i) => {
    const header = writeLoop(writer, loop);
    if (parted && i === 0) steps.push({ header, rows, partRows, nanoseconds });
    else steps.push({ header, rows: loop.rows, partRows: loop.rows, nanoseconds: 0 });
  });
  return { steps, scratchBytes, sharedBytes, saving };
}
