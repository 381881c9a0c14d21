import { accessOf } from "../../plan/access.js";
import { addsRows, Role } from "../../plan/classify.js";
import type { PlanNode } from "../../plan/plan.js";
import { isNumber } from "../../plan/plan.js";
import type { Shape } from "../../shape.js";
import { clearing, variant } from "./accumulators.js";
import { addOpcode, copyOpcode } from "./elementwise-instruction.js";
import type { Extent, Instruction, Loop, Operand } from "./instructions.js";
import { opcode } from "./instructions.js";
import type { KernelState } from "./kernel-loop.js";
import { KernelLoop, line } from "./kernel-loop.js";
import { faultCode } from "./surroundings.js";

/** Rows whose sum stays in float32, a power of two. */
const spillRows = 16;

/** The loop over the rows of a kernel. */
export class RowLoop extends KernelLoop {
  private readonly blockRows: number;
  private readonly columnChunk: number;
  private readonly epilogue: Instruction[] = [];

  constructor(state: KernelState) {
    super(state);
    this.blockRows = state.cut.blockRows;
    this.columnChunk = state.cut.columnChunk;
  }

  loop(matmul: Loop["matmul"]): Loop {
    const { members, rows, columns } = this.state.kernel;
    for (const node of members) if ((this.state.roles.get(node) as Role) <= Role.Accumulator) this.add(node);
    const { blockRows, columnChunk, prologue, epilogue } = this;
    return { rows, columns, blockRows, columnChunk, prologue, body: [...this.body, ...this.stores], epilogue, matmul };
  }

  private add(node: PlanNode): void {
    if (this.state.absorbed.has(node)) return;
    const role = this.state.roles.get(node) as Role;
    switch (node.op.kind) {
      case "matmul":
        return;
      case "elementwise":
        {
          const extent = role === Role.Row ? "rows" : "block";
          this.emitElementwise(node, this.destination(node, role), extent, (of, i) => this.source(of, i, extent));
        }
        return;
      case "uniform":
        this.body.push({
          opcode: opcode.uniform,
          extent: "block",
          target: this.destination(node, role),
          sources: node.inputs.map((_, i) => this.source(node, i, "block")),
          aux: this.state.kernel.columns,
        });
        return;
      case "pick":
      case "place":
        this.body.push({
          opcode: opcode[node.op.kind],
          extent: "block",
          target: this.destination(node, role, false),
          sources: [
            node.op.kind === "pick" ? this.whole(node.inputs[0] as PlanNode) : this.perRow(node, 0),
            this.perRow(node, 1),
          ],
          aux: faultCode[node.op.kind],
        });
        return;
      default:
        if (role === Role.Row) this.rowReduction(node);
        else this.accumulation(node);
    }
  }

  private rowReduction(node: PlanNode): void {
    this.body.push({
      opcode: opcode.rowSum + variant(node),
      extent: "block",
      target: this.destination(node, Role.Row, false),
      sources: [this.whole(node.inputs[0] as PlanNode)],
    });
  }

  private accumulation(node: PlanNode): void {
    const [input] = node.inputs as [PlanNode];
    const initialization = this.state.accumulators.add(node);
    this.prologue.push(initialization);
    const perColumn = node.shape.size > 1;
    const target: Operand = { ...initialization.target, columnStride: perColumn ? 8 : 0 };
    if (perColumn && this.blockRows === 1 && variant(node) === 0) {
      this.columnSum(this.whole(input), target);
      return;
    }
    const rows = addsRows(node, this.state.kernel.rows * this.state.kernel.columns);
    this.body.push({
      opcode: (perColumn ? opcode.columnAccumulate : opcode.accumulate) + variant(node),
      extent: rows ? "rows" : "block",
      target,
      sources: [rows ? this.rowOperand(input) : this.whole(input)],
    });
  }

  /** Row after row into float32 sums, which go into the float64 ones after some rows: a conversion costs four additions. */
  private columnSum(source: Operand, target: Operand): void {
    const sums: Operand = { ...this.register(this.state.kernel.columns, true), columnStride: 4 };
    const spill = { opcode: opcode.spill, extent: "block", target, sources: [sums] } as const;
    this.prologue.push(clearing(sums, this.state.kernel.columns));
    this.body.push({ opcode: addOpcode, extent: "block", target: sums, sources: [sums, source] });
    this.stores.push({ ...spill, aux: spillRows - 1 });
    this.epilogue.push({ ...spill, aux: 0 });
  }

  /** Where a value of the loop over rows goes; `wide` instructions write whole lines. */
  private destination(node: PlanNode, role: Role, wide = true): Operand {
    const base = (): Operand["base"] => ({ cell: this.state.around.cellOf(node) });
    const beyond =
      wide &&
      this.state.cut.partRows < this.state.kernel.rows &&
      !this.state.cut.wholeLines(role === Role.Row ? 1 : this.state.kernel.columns);
    if (role === Role.Row)
      return this.keep(node, this.blockRows, "rows", beyond, () => ({
        base: base(),
        rowStride: 4,
        columnStride: 0,
        step: line,
      }));
    const rowStride = this.state.kernel.columns * 4;
    const elements = this.blockRows * this.columnChunk;
    return this.keep(node, elements, "block", beyond, () => ({ base: base(), rowStride, columnStride: 4, step: line }));
  }

  /** One value per element of the block. */
  private whole(node: PlanNode): Operand {
    return (
      this.state.places.get(node) ?? {
        base: { cell: this.state.around.cellOf(node) },
        rowStride: this.state.kernel.columns * 4,
        columnStride: 4,
        step: line,
      }
    );
  }

  /** One value per row of the block. */
  private rowOperand(node: PlanNode): Operand {
    return (
      this.state.places.get(node) ?? {
        base: { cell: this.state.around.cellOf(node) },
        rowStride: 4,
        columnStride: 0,
        step: line,
      }
    );
  }

  /** An input read once per row; a single number is spread over the rows first. */
  private perRow(node: PlanNode, i: number): Operand {
    const input = node.inputs[i] as PlanNode;
    if ((node.views[i] as Shape).size > 1 || this.state.kernel.rows === 1)
      return isNumber(input) ? this.spread(input) : this.rowOperand(input);
    return this.spread(input);
  }

  private spread(input: PlanNode): Operand {
    return this.broadcast(`rows ${input.index}`, () => {
      const target = this.register(this.blockRows, true);
      this.prologue.push({ opcode: copyOpcode, extent: "rows", target, sources: [this.single(input)] });
      return target;
    });
  }

  /** Input `i` of an elementwise member of the loop over rows. */
  private source(node: PlanNode, i: number, extent: Extent): Operand {
    const input = node.inputs[i] as PlanNode;
    if (isNumber(input)) return this.single(input);
    const { kind } = accessOf(node.views[i] as Shape, node.shape);
    if (extent === "rows")
      return kind === "scalar"
        ? this.state.inside.has(input)
          ? this.rowOperand(input)
          : this.single(input)
        : this.rowOperand(input);
    if (kind === "same") return this.whole(input);
    if (kind === "scalar" && !this.state.inside.has(input)) return this.single(input);
    if (kind === "column") return this.columnOperand(input);
    return this.expandedRow(input);
  }

  private expandedRow(input: PlanNode): Operand {
    return this.broadcast(`row ${input.index}`, () => {
      const one = this.blockRows === 1;
      const target = { ...this.register(one ? 16 : this.blockRows * this.columnChunk, false), step: one ? 0 : line };
      this.body.push({
        opcode: one ? opcode.splat : opcode.expandRow,
        extent: one ? "line" : "block",
        target,
        sources: [this.rowOperand(input)],
      });
      return target;
    });
  }

  private columnOperand(input: PlanNode): Operand {
    const source: Operand = {
      base: { cell: this.state.around.cellOf(input) },
      rowStride: 0,
      columnStride: 4,
      step: line,
    };
    if (this.blockRows === 1) return source;
    return this.broadcast(`column ${input.index}`, () => {
      const target = this.register(this.blockRows * this.columnChunk, true);
      this.prologue.push({ opcode: opcode.expandColumn, extent: "block", target, sources: [source] });
      return target;
    });
  }
}
