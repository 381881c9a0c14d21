import type { DType } from "../dtype.js";
import type { Attribute, Op } from "../node.js";
import type { ElementwiseOp } from "../ops/elementwise.js";
import { evaluateNumbers } from "../ops/elementwise.js";
import type { Shape } from "../shape.js";

/** One operation of a plan: a structural copy, so that a plan never holds a user's node alive. */
export interface PlanNode {
  /** Position in {@link Plan.nodes}; inputs have smaller ones. */
  index: number;
  readonly op: Op;
  readonly attr: Attribute | null;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly inputs: PlanNode[];
  /** The shape under which each input is read: reshapes are views, not nodes. */
  readonly views: Shape[];
  /** Which leaf, for leaves. */
  readonly leaf: number;
  /** Which of the plan's numbers: the value of a number, the offset of a box. -1: none. */
  readonly number: number;
  /** Value of a literal. */
  readonly literal: number;
  readonly users: PlanNode[];
  /** The node is an output of the plan. */
  sink: boolean;
}

/** What turns leaves and numbers into outputs, in normal form and independent of any engine. */
export interface Plan {
  /** In topological order: leaves, numbers, literals and operations. Aliases are gone, equal subexpressions are one. */
  readonly nodes: readonly PlanNode[];
  readonly leaves: readonly PlanNode[];
  /** Dtypes of the numbers that a run binds. */
  readonly numberTypes: readonly DType[];
  /** Numbers that follow from other numbers, in order; they come after the bound ones. */
  readonly computed: readonly PlanNode[];
  /** One per requested tensor. */
  readonly outputs: readonly PlanNode[];
  /** The leaf whose memory each output may take over, or null. */
  readonly replaced: readonly (PlanNode | null)[];
  /** Leaves that are used as indices, and whether computed values are: those may turn out to be out of range. */
  readonly indexLeaves: readonly PlanNode[];
  readonly computesIndices: boolean;
}

/** A number of the plan: bound, computed, or a literal. */
export function isNumber(node: PlanNode): boolean {
  const { kind } = node.op;
  return kind === "number" || kind === "literal" || (kind === "elementwise" && node.number >= 0);
}

/** All numbers of a run: the bound ones, then those computed from them. */
export function runNumbers(plan: Plan, bound: readonly number[]): readonly number[] {
  if (plan.computed.length === 0) return bound;
  const numbers = bound.slice();
  const at = (node: PlanNode | undefined): number =>
    node === undefined ? 0 : node.number < 0 ? node.literal : (numbers[node.number] as number);
  for (const node of plan.computed) {
    const [x, y, z] = node.inputs;
    const int32 = node.inputs.at(-1)?.dtype === "int32";
    numbers[node.number] = evaluateNumbers(node.op as ElementwiseOp, int32, node.dtype, at(x), at(y), at(z));
  }
  return numbers;
}
