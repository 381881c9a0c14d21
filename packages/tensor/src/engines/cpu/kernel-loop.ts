import { Role } from "../../plan/classify.js";
import type { FusedKernel } from "../../plan/fuse.js";
import { isStored } from "../../plan/memory.js";
import type { PlanNode } from "../../plan/plan.js";
import { isNumber } from "../../plan/plan.js";
import { Accumulators } from "./accumulators.js";
import { absorbedProducts, elementwiseInstruction } from "./elementwise-instruction.js";
import type { Cut } from "./grid.js";
import { cutOf } from "./grid.js";
import type { Extent, Instruction, Operand, Register } from "./instructions.js";
import { opcode } from "./instructions.js";
import type { Surroundings } from "./surroundings.js";

export const line = 64;
const roundUp = (bytes: number): number => Math.ceil(bytes / line) * line;

/** What the loops of one fused kernel know together. */
export class KernelState {
  readonly inside: ReadonlySet<PlanNode>;
  readonly roles = new Map<PlanNode, Role>();
  readonly cut: Cut;
  readonly absorbed: ReadonlySet<PlanNode>;
  readonly accumulators = new Accumulators();
  /** Where the value of a member is found. */
  readonly places = new Map<PlanNode, Operand>();
  /** Totals of one number, 16 times, for the loop over columns. */
  readonly splats = new Map<PlanNode, Operand>();

  constructor(
    readonly kernel: FusedKernel,
    readonly around: Surroundings,
    /** Outputs that take the memory of a leaf. */
    readonly replaced: ReadonlyMap<PlanNode, PlanNode>,
  ) {
    this.inside = new Set(kernel.members);
    kernel.members.forEach((node, i) => this.roles.set(node, kernel.roles[i] as Role));
    this.absorbed = absorbedProducts(kernel.members, kernel.roles);
    this.cut = cutOf(kernel);
  }

  /**
   * Whether writing a value straight to memory would destroy what is still to be read there: it replaces a leaf that a
   * later instruction reads, or whose next block it would touch, since instructions write whole lines.
   */
  writesEarly(node: PlanNode): boolean {
    const leaf = this.replaced.get(node);
    if (leaf === undefined) return false;
    const readAt = (user: PlanNode): number =>
      this.absorbed.has(user) ? (user.users[0] as PlanNode).index : user.index;
    if (leaf.users.some((user) => this.inside.has(user) && readAt(user) > node.index)) return true;
    return this.roles.get(node) === Role.Full && !this.cut.wholeLines(this.kernel.columns);
  }
}

/** The instructions of one loop while they are written. */
export class KernelLoop {
  readonly prologue: Instruction[] = [];
  readonly body: Instruction[] = [];
  /** What is copied, or moved to the float64 sums, at the end of a block. */
  readonly stores: Instruction[] = [];
  /** Copies of a value for every element, row or line, already made in this loop. */
  private readonly broadcasts = new Map<string, Operand>();

  constructor(protected readonly state: KernelState) {}

  /** Straight to memory when the value is stored, else to a register of this many elements; `beyond`: it would write too far. */
  protected keep(node: PlanNode, elements: number, extent: Extent, beyond: boolean, memory: () => Operand): Operand {
    const stored = isStored(node, this.state.inside);
    const copied = stored && (beyond || this.state.writesEarly(node));
    const place = stored && !copied ? memory() : this.register(elements, false);
    if (copied) this.stores.push({ opcode: opcode.store, extent, target: memory(), sources: [place] });
    this.state.places.set(node, place);
    return place;
  }

  protected register(elements: number, lasting: boolean): Operand {
    const register: Register = { bytes: roundUp(elements * 4) + line, lasting, offset: -1, lastUse: -1 };
    return { base: { register }, rowStride: 0, columnStride: 0, step: line };
  }

  protected broadcast(key: string, make: () => Operand): Operand {
    let made = this.broadcasts.get(key);
    if (made === undefined) {
      made = make();
      this.broadcasts.set(key, made);
    }
    return made;
  }

  /** A number, as 64 bytes that hold it 16 times. */
  protected single(node: PlanNode): Operand {
    const { around, splats } = this.state;
    const at: Operand = { base: { cell: around.cellOf(node) }, rowStride: 0, columnStride: 0, step: 0 };
    if (isNumber(node)) return at;
    const made = splats.get(node);
    if (made !== undefined) return made;
    return this.broadcast(`single ${node.index}`, () => {
      const target = { ...this.register(16, true), step: 0 };
      this.prologue.push({ opcode: opcode.splat, extent: "line", target, sources: [at] });
      return target;
    });
  }

  protected emitElementwise(
    node: PlanNode,
    target: Operand,
    extent: Extent,
    source: (node: PlanNode, i: number) => Operand,
  ): void {
    this.body.push(elementwiseInstruction(node, target, extent, this.state.absorbed, source));
  }
}
