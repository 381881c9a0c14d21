import type { ReduceOp } from "../../../ops/reduce.js";
import type { PlanNode } from "../../../plan/plan.js";
import { Domain } from "./domain.js";
import { elementwiseText } from "./elementwise-text.js";
import type { KernelText } from "./kernel-text.js";
import type { Statements } from "./text-block.js";

/** A loop that reduces: how many turns, and the local with the value at turn `i`, whose statements go into the loop. */
export interface Loop {
  readonly turns: number;
  /** Turns where this is false are left out; it is true for the first. */
  readonly guard?: ((i: string) => string) | undefined;
  readonly value: (block: Statements, i: string) => string;
}

/** The local in which the values of a loop meet. NaN wins over everything. */
export function reduceText(node: PlanNode, text: KernelText, at: Statements, { turns, guard, value }: Loop): string {
  const { reduction } = node.op as ReduceOp;
  const total = at.variable("0.0");
  const i = at.name();
  const block = text.block();
  const term = value(block, i);
  if (reduction === "sum") block.add(`${total}=${total}+${term};`);
  else {
    const join = elementwiseText[reduction === "max" ? "maximum" : "minimum"];
    const joined = block.keep((join as NonNullable<typeof join>)(block, term, total, ""));
    // From the first term on: no literal is below everything.
    block.add(`${total}=${i}>0?${joined}:${term};`);
  }
  const body = block.lines.join("");
  at.add(`for(let ${i}=0;${i}<${turns};${i}++){${guard === undefined ? body : `if(${guard(i)}){${body}}`}}`);
  return total;
}

/** The coordinates of an element of a domain, from its index. */
export function coordinates(domain: Domain, index: string): { row?: string; column?: string; flat?: string } {
  if (domain === Domain.Row) return { row: index };
  if (domain === Domain.Column) return { column: index };
  return domain === Domain.Full ? { flat: index } : {};
}
