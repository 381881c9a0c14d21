import type { MatmulAttribute } from "../../ops/contract.js";
import type { PlanNode } from "../../plan/plan.js";
import type { Word } from "./program.js";
import type { Work } from "./step.js";
import type { Surroundings } from "./surroundings.js";

/** Elements of the product that are made before the rest of the kernel works on them: they stay in the second cache. */
const chunkElements = 32768;
const mostRows = 128;
/** In word 18 of a block: B is packed already. */
const prepacked = 0xffffffff;

/** Rows of the product per run of the stage. */
export function chunkRows({ n }: MatmulAttribute): number {
  return Math.max(4, Math.min(mostRows, Math.floor(chunkElements / Math.max(1, n)) & ~3));
}

/** The same where threads share the rows: whole lines of every column, and enough of them to go round. */
export function sharedChunkRows(attr: MatmulAttribute): number {
  return Math.max(16, Math.min(chunkRows(attr), Math.ceil((attr.batch * attr.m) / 8)) & ~15);
}

/** Rows that a part must hold in whole: those of a batch when each batch packs a B of its own. */
export function matmulUnit(attr: MatmulAttribute): number {
  return ownPacking(attr) ? attr.m : sharedChunkRows(attr);
}

/** As assembly/gemm.ts decides. */
const packs = ({ m, n, transposeB }: MatmulAttribute): boolean => n > 1 && m >= 4 && (transposeB || m > 16);
const ownPacking = (attr: MatmulAttribute): boolean => packs(attr) && attr.batchB && attr.batch > 1;

/** A matmul stage: its block, the cell through which the product is read, and the memory it takes. */
interface Staged {
  readonly block: Word;
  readonly cell: Word;
  readonly scratchBytes: number;
  readonly sharedBytes: number;
  /** To be done before the loop. */
  readonly pack: Work | null;
}

/**
 * Writes the block of a matmul stage, see assembly/gemm.ts. `stored` is the cell of the product, or null to keep it in
 * scratch; `chunk` is how many rows it makes at a time; threads that share the rows share one packed B as well.
 */
export function writeMatmul(
  node: PlanNode,
  stored: Word | null,
  chunk: number,
  shared: boolean,
  around: Surroundings,
): Staged {
  const { writer, kernels } = around;
  const attr = node.attr as MatmulAttribute;
  const { batch, m, n, k, transposeA, transposeB, batchA, batchB } = attr;
  const [a, b] = node.inputs as [PlanNode, PlanNode];
  const before = shared && packs(attr) && !ownPacking(attr);
  const packedBytes = kernels.packedBBytes(k, n) + 64;
  const packedA = before ? 0 : packedBytes;
  const product = packedA + kernels.packedABytes(m, k) + 64;
  const scratchBytes = product + (stored === null ? Math.ceil((chunk * n) / 16) * 64 + 64 : 0);
  const block = writer.reserve(19);
  writer.put(block, m, n, k);
  writer.point(block + 3, around.cellOf(a));
  writer.put(block + 4, transposeA ? 4 : k * 4, transposeA ? m * 4 : 4, batchA ? m * k * 4 : 0);
  writer.point(block + 7, around.cellOf(b));
  writer.put(block + 8, transposeB ? 4 : n * 4, transposeB ? k * 4 : 4, batchB ? k * n * 4 : 0);
  const view = stored ?? writer.reserve(1);
  writer.point(block + 11, stored ?? writer.scratchCell(product));
  writer.put(block + 12, n * 4);
  writer.point(block + 13, before ? writer.workspaceCell(around.shared) : writer.scratchCell(0));
  writer.point(block + 14, writer.scratchCell(packedA));
  writer.put(block + 15, batch * m, stored === null ? 1 : 0);
  writer.point(block + 17, view);
  if (before) writer.put(block + 18, prepacked);
  const pack: Work | null = before
    ? {
        kernel: "packB",
        count: Math.ceil(n / 8),
        nanoseconds: k * n * 0.4,
        args: ({ word }) => [word(block)],
      }
    : null;
  return { block, cell: view, scratchBytes, sharedBytes: before ? packedBytes : 0, pack };
}
