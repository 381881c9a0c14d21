import { Role } from "../../plan/classify.js";
import type { PlanNode } from "../../plan/plan.js";
import { isNumber } from "../../plan/plan.js";
import type { Shape } from "../../shape.js";
import { blockElements } from "./grid.js";
import type { Loop, Operand } from "./instructions.js";
import { opcode } from "./instructions.js";
import type { KernelState } from "./kernel-loop.js";
import { KernelLoop, line } from "./kernel-loop.js";

/** The loops after the last row: over totals of one number, then over totals per column. */
export function postLoops(state: KernelState): Loop[] {
  const { members, roles, columns } = state.kernel;
  const late = members.filter((_, i) => (roles[i] as Role) >= Role.Accumulator);
  const [totals, perColumn] = [late.filter(isTotal), late.filter((node) => !isTotal(node))];
  return [
    ...(totals.length > 0 ? [new PostLoop(state, totals, 1).loop()] : []),
    ...(perColumn.length > 0 ? [new PostLoop(state, perColumn, columns).loop()] : []),
  ];
}

const isTotal = (node: PlanNode): boolean => node.shape.size === 1;

/** Totals leave their accumulators; then the arithmetic on them. */
class PostLoop extends KernelLoop {
  private readonly scalars: boolean;
  private readonly chunk: number;

  constructor(
    state: KernelState,
    private readonly nodes: readonly PlanNode[],
    private readonly columns: number,
  ) {
    super(state);
    this.scalars = columns === 1;
    this.chunk = Math.min(columns, blockElements);
  }

  loop(): Loop {
    const { state, nodes, scalars, columns, chunk } = this;
    for (const node of nodes) {
      if (state.absorbed.has(node)) continue;
      const target = this.destination(node);
      if (state.roles.get(node) === Role.Accumulator) {
        const source: Operand = { ...state.accumulators.at(node), columnStride: scalars ? 0 : 8 };
        const flush = opcode.flush + (node.dtype === "int32" ? 1 : 0);
        this.body.push({ opcode: flush, extent: "block", target, sources: [source] });
      } else this.emitElementwise(node, target, "block", (of, i) => this.source(of, i));
    }
    if (scalars) this.spreadTotals();
    const body = [...this.body, ...this.stores];
    return { rows: 1, columns, blockRows: 1, columnChunk: chunk, prologue: this.prologue, body };
  }

  /** Totals that the loop over columns reads. */
  private spreadTotals(): void {
    const { inside, places, splats } = this.state;
    for (const node of this.nodes) {
      if (!node.users.some((user) => inside.has(user) && !isTotal(user))) continue;
      const target = { ...this.register(16, true), step: 0 };
      this.body.push({ opcode: opcode.splat, extent: "line", target, sources: [places.get(node) as Operand] });
      splats.set(node, target);
    }
  }

  private destination(node: PlanNode): Operand {
    const columnStride = this.scalars ? 0 : 4;
    return this.keep(node, this.chunk, "block", false, () => ({
      base: { cell: this.state.around.cellOf(node) },
      rowStride: 0,
      columnStride,
      step: line,
    }));
  }

  private source(node: PlanNode, i: number): Operand {
    const { inside, places, around } = this.state;
    const input = node.inputs[i] as PlanNode;
    if (isNumber(input)) return this.single(input);
    if (inside.has(input)) return !this.scalars && isTotal(input) ? this.single(input) : (places.get(input) as Operand);
    const single = (node.views[i] as Shape).size === 1;
    if (single && !this.scalars) return this.single(input);
    return { base: { cell: around.cellOf(input) }, rowStride: 0, columnStride: single ? 0 : 4, step: line };
  }
}
