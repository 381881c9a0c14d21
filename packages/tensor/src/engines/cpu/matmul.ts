import type { MatmulAttribute } from "../../ops/contract.js";
import type { PlanNode } from "../../plan/plan.js";
import type { Word } from "./program.js";
import type { Surroundings } from "./surroundings.js";

/** Elements of the product that are made before the rest of the kernel works on them: they stay in the second cache. */
const chunkElements = 32768;
const mostRows = 128;

/** Rows of the product per run of the stage. */
export function chunkRows({ n }: MatmulAttribute): number {
  return Math.max(4, Math.min(mostRows, Math.floor(chunkElements / Math.max(1, n)) & ~3));
}

/** A matmul stage: its block, the cell through which the product is read, and the scratch memory it takes. */
interface Staged {
  readonly block: Word;
  readonly cell: Word;
  readonly bytes: number;
}

/** Writes the block of a matmul stage, see assembly/gemm.ts. `stored` is the cell of the product, or null to keep it in scratch. */
export function writeMatmul(node: PlanNode, stored: Word | null, around: Surroundings): Staged {
  const { writer, kernels, scratch } = around;
  const attr = node.attr as MatmulAttribute;
  const { batch, m, n, k, transposeA, transposeB, batchA, batchB } = attr;
  const [a, b] = node.inputs as [PlanNode, PlanNode];
  const packedB = 0;
  const packedA = packedB + kernels.packedBBytes(k, n) + 64;
  const product = packedA + kernels.packedABytes(m, k) + 64;
  const bytes = product + (stored === null ? Math.ceil((chunkRows(attr) * n) / 16) * 64 + 64 : 0);
  const block = writer.reserve(19);
  writer.put(block, m, n, k);
  writer.point(block + 3, around.cellOf(a));
  writer.put(block + 4, transposeA ? 4 : k * 4, transposeA ? m * 4 : 4, batchA ? m * k * 4 : 0);
  writer.point(block + 7, around.cellOf(b));
  writer.put(block + 8, transposeB ? 4 : n * 4, transposeB ? k * 4 : 4, batchB ? k * n * 4 : 0);
  const view = stored ?? writer.reserve(1);
  writer.point(block + 11, stored ?? writer.workspaceCell(scratch + product));
  writer.put(block + 12, n * 4);
  writer.point(block + 13, writer.workspaceCell(scratch + packedB));
  writer.point(block + 14, writer.workspaceCell(scratch + packedA));
  writer.put(block + 15, batch * m, stored === null ? 1 : 0);
  writer.point(block + 17, view);
  return { block, cell: view, bytes };
}
