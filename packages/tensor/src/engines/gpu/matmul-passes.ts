import type { MatmulAttribute } from "../../ops/contract.js";
import type { PlanNode } from "../../plan/plan.js";
import { flatIndex } from "./index-math.js";
import type { OwnPasses } from "./pass.js";
import { PassText } from "./pass-text.js";
import { partition, reduce } from "./reduce-passes.js";

/** A thread per element of the product; where those are few, several that share the terms. */
export const matmulPasses: OwnPasses = (node, build) => {
  const { batch, m, n, k, transposeA, transposeB, batchA, batchB } = node.attr as MatmulAttribute;
  const [left, right] = node.inputs as [PlanNode, PlanNode];
  const { size } = node.shape;
  const { parts, each } = partition(k, size);
  const [stepA, stepB] = [transposeA ? m : 1, transposeB ? 1 : n];
  const text = new PassText(build);
  const [a, b] = [text.read(left), text.read(right)];
  const [part, s, i, j] = text.coordinates([parts, batch, m, n]) as [string, string, string, string];
  const startA = flatIndex([
    [s, batchA ? m * k : 0],
    [i, transposeA ? 1 : k],
    [part, each * stepA],
  ]);
  const startB = flatIndex([
    [s, batchB ? k * n : 0],
    [j, transposeB ? k : 1],
    [part, each * stepB],
  ]);
  text.add(`const left=${startA};const right=${startB};let total=0.0;`);
  const term = (p: string, more: number): string => {
    const at = (step: number, start: string): string =>
      flatIndex([[p, step]], more === 0 ? start : `${start}+${more * step}`);
    return `${a(at(stepA, "left"))}*${b(at(stepB, "right"))}`;
  };
  if (parts > 1) {
    const within = parts * each === k ? "" : `if(${flatIndex([[part, each]], "p")}>=${k}){break;}`;
    text.add(`for(let p=0;p<${each};p++){${within}total=total+${term("p", 0)};}`);
  } else {
    // Four terms at a time, added up before they join the total: fewer steps, and less rounding.
    const whole = k - (k % 4);
    if (whole > 0)
      text.add(`for(let p=0;p<${whole};p+=4){total=total+(${[0, 1, 2, 3].map((more) => term("p", more)).join("+")});}`);
    for (let p = whole; p < k; p++) text.add(`total=total+${term("0", p)};`);
  }
  if (parts === 1) return text.finish("total", size, build.place(node));
  const between = build.temporary(parts * size);
  text.finish("total", parts * size, between);
  reduce(build, (next) => next.readPlace(between), { outer: 1, reduced: parts, inner: size }, "sum", build.place(node));
};
