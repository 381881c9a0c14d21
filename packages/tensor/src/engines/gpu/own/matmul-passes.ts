import type { MatmulAttribute } from "../../../ops/contract.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { OwnPasses } from "../pass.js";
import { flatIndex } from "./index-math.js";
import { PassText } from "./pass-text.js";
import { finishParts, partition } from "./reduce-passes.js";
import { sumProducts } from "./sum-products.js";

/** A thread per element of the product; where those are few, several that share the terms. */
export const matmulPasses: OwnPasses = (node, build) => {
  const { batch, m, n, k, transposeA, transposeB, batchA, batchB } = node.attr as MatmulAttribute;
  const [left, right] = node.inputs as [PlanNode, PlanNode];
  const { parts, each } = partition(k, node.shape.size);
  const text = new PassText(build);
  const [part, s, i, j] = text.coordinates([parts, batch, m, n]);
  const a = { read: text.read(left), start: "left", step: transposeA ? m : 1 };
  const b = { read: text.read(right), start: "right", step: transposeB ? 1 : n };
  const startA = flatIndex([s, i, part], [batchA ? m * k : 0, transposeA ? 1 : k, each * a.step]);
  const startB = flatIndex([s, j, part], [batchB ? k * n : 0, transposeB ? k : 1, each * b.step]);
  text.add(`const left=${startA};const right=${startB};let total=0.0;`);
  if (parts * each === k) text.add(sumProducts("p", each, a, b));
  else {
    // The last part has fewer terms.
    const within = `if(${flatIndex([part], [each], "p")}>=${k}){break;}`;
    const product = `${a.read(flatIndex(["p"], [a.step], "left"))}*${b.read(flatIndex(["p"], [b.step], "right"))}`;
    text.add(`for(let p=0;p<${each};p++){${within}total=total+${product};}`);
  }
  finishParts(text, build, parts, node);
};
