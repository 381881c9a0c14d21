import type { ReduceOp } from "../../ops/reduce.js";
import type { PlanNode } from "../../plan/plan.js";
import type { Instruction, Loop, Operand, Register } from "./instructions.js";
import { opcode } from "./instructions.js";
import type { ProgramWriter } from "./program.js";

/** The totals of a kernel while its rows pass: float64 values that lie together in scratch memory. */
export class Accumulators {
  /** Where they begin, and their bytes. */
  from = 0;
  bytes = 0;
  private readonly registers = new Map<PlanNode, Register>();

  /** One more total; gives the instruction that sets it to its first value. */
  add(node: PlanNode): Instruction {
    const bytes = Math.ceil(node.shape.size / 8) * 64;
    this.registers.set(node, { bytes, lasting: true, offset: this.from + this.bytes, lastUse: -1 });
    this.bytes += bytes;
    return this.initialization(node);
  }

  at(node: PlanNode): Operand {
    return { base: { register: this.registers.get(node) as Register }, rowStride: 0, columnStride: 0, step: 0 };
  }

  /** Takes those of all parts together, in the order of the parts; `copies` is the byte of the workspace where they lie. */
  combined(parts: number, copies: number, writer: ProgramWriter): Loop {
    const nodes = [...this.registers];
    const prologue = nodes.map(([node]) => this.initialization(node));
    const body = nodes.map(([, { offset }], i) => {
      const base = { cell: writer.workspaceCell(copies + offset - this.from) };
      const source: Operand = { base, rowStride: this.bytes, columnStride: 0, step: 0 };
      return { ...(prologue[i] as Instruction), opcode: opcode.combine, sources: [source] };
    });
    return { rows: parts, columns: 1, blockRows: 1, columnChunk: 1, prologue, body };
  }

  private initialization(node: PlanNode): Instruction {
    const { reduction } = node.op as ReduceOp;
    return {
      opcode: opcode.initialize,
      extent: "block",
      target: this.at(node),
      sources: [],
      aux: node.shape.size,
      aux2: reduction === "sum" ? 0 : reduction === "max" ? 1 : 2,
    };
  }
}

/** Sets float32 sums to 0: as float64 zeros, half as many. */
export const clearing = (target: Operand, count: number): Instruction => ({
  opcode: opcode.initialize,
  extent: "block",
  target,
  sources: [],
  aux: Math.ceil(count / 16) * 8,
  aux2: 0,
});

/** Which form of a reduction's opcode, 0 to 5: sum, max, min, and the same for int32. */
export function variant(node: PlanNode): number {
  const { reduction } = node.op as ReduceOp;
  return (reduction === "sum" ? 0 : reduction === "max" ? 1 : 2) + (node.dtype === "int32" ? 3 : 0);
}
