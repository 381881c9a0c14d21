import type { ElementwiseOp } from "../../ops/elementwise.js";
import { elementwiseRows } from "../../ops/elementwise.js";
import type { Role } from "../../plan/classify.js";
import type { PlanNode } from "../../plan/plan.js";
import type { Extent, Instruction, Operand } from "./instructions.js";
import { opcode } from "./instructions.js";

/**
 * Products that become part of the sum or difference that uses them: fewer and wider instructions are what makes a tape
 * fast. The product is used once, by a node of its own extent and role; rounding stays that of two operations.
 */
export function absorbedProducts(members: readonly PlanNode[], roles: readonly Role[]): ReadonlySet<PlanNode> {
  const roleOf = new Map(members.map((node, i) => [node, roles[i]]));
  const absorbed = new Set<PlanNode>();
  for (const node of members) {
    if (!isFloat(node, "add") && !isFloat(node, "sub")) continue;
    const products = node.inputs.filter(
      (input, i) =>
        isFloat(input, "mul") &&
        roleOf.has(input) &&
        roleOf.get(input) === roleOf.get(node) &&
        input.users.length === 1 &&
        !input.sink &&
        input.shape.size === node.shape.size &&
        node.inputs[1 - i] !== input,
    );
    // A difference of two products takes in the first only.
    for (const product of node.op.name === "sub" ? products.slice(0, 1) : products) absorbed.add(product);
  }
  return absorbed;
}

/** The instruction of an elementwise node; `source` gives input i of the node or of a product that it absorbs. */
export function elementwiseInstruction(
  node: PlanNode,
  target: Operand,
  extent: Extent,
  absorbed: ReadonlySet<PlanNode>,
  source: (node: PlanNode, i: number) => Operand,
): Instruction {
  const make = (code: number, ...sources: readonly Operand[]): Instruction => ({
    opcode: code,
    extent,
    target,
    sources,
  });
  const factors = (product: PlanNode): Operand[] => [source(product, 0), source(product, 1)];
  const [a, b] = node.inputs as [PlanNode, PlanNode];
  const plus = node.op.name === "add";
  if (absorbed.has(a)) {
    if (absorbed.has(b)) return make(opcode.twoProducts, ...factors(a), ...factors(b));
    return make(plus ? opcode.multiplyAdd : opcode.multiplySubtract, ...factors(a), source(node, 1));
  }
  if (absorbed.has(b)) return make(plus ? opcode.multiplyAdd : opcode.subtractProduct, ...factors(b), source(node, 0));
  // V8 takes seven machine instructions for the maximum of two, one for that with zero.
  if (isFloat(node, "maximum") && b.op.kind === "literal" && b.literal === 0) return make(reluOpcode, source(node, 0));
  return make(elementwiseOpcode(node), ...node.inputs.map((_, i) => source(node, i)));
}

function isFloat(node: PlanNode, name: string): boolean {
  return node.op.name === name && node.op.kind === "elementwise" && node.dtype === "float32" && node.number < 0;
}

/** Twice the row of the table, plus one for int32. */
function elementwiseOpcode(node: PlanNode): number {
  const { row } = node.op as ElementwiseOp;
  return row * 2 + (node.inputs.at(-1)?.dtype === "int32" ? 1 : 0);
}

const opcodeOf = (name: string): number => 2 * elementwiseRows.findIndex((row) => row.name === name);
export const copyOpcode: number = opcodeOf("copy");
export const addOpcode: number = opcodeOf("add");
const reluOpcode = opcodeOf("relu");
