import type { MatmulAttribute } from "../../ops/contract.js";
import type { PlanNode } from "../../plan/plan.js";
import type { OwnPasses } from "./pass.js";
import { quotient } from "./point.js";
import { Names, Statements } from "./text-block.js";

/** The passes of nodes that have a kernel of their own, by the name of the operation. */
export const ownPasses: Readonly<Record<string, OwnPasses>> = {
  /** One thread per element of the product. */
  matmul: (node, build) => {
    const { m, n, k, transposeA, transposeB, batchA, batchB } = node.attr as MatmulAttribute;
    const at = new Statements(new Names());
    const [row, column] = quotient(at, "this.thread.x", n);
    const [batch, i] = quotient(at, row, m);
    const a = `${batchA ? `${batch}*${m * k}+` : ""}${transposeA ? `p*${m}+${i}` : `${i}*${k}+p`}`;
    const b = `${batchB ? `${batch}*${n * k}+` : ""}${transposeB ? `${column}*${k}+p` : `p*${n}+${column}`}`;
    const same = node.inputs[0] === node.inputs[1];
    at.add(`let sum=0.0;for(let p=0;p<${k};p++){sum=sum+a0[${a}]*${same ? "a0" : "a1"}[${b}];}return sum;`);
    const inputs = (same ? node.inputs.slice(0, 1) : node.inputs) as PlanNode[];
    const names = inputs.map((_, each) => `a${each}`);
    build.add(
      `function(${names}){${at.lines.join("")}}`,
      node.shape.size,
      build.place(node),
      inputs.map((input) => build.place(input)),
    );
  },
};
