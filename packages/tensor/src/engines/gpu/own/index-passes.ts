import type { PoolAttribute } from "../../../ops/contract.js";
import type { GatherAttribute } from "../../../ops/indexing.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { OwnPasses, PassBuilder } from "../pass.js";
import { flatIndex, searchSteps } from "./index-math.js";
import { PassText } from "./pass-text.js";
import { maxPoolGradient } from "./pool-passes.js";
import { finishParts, partition } from "./reduce-passes.js";
import { sortRows } from "./sort-passes.js";

/** Where the index of an element is found. */
const indexAt = ({ count, inner, shared }: GatherAttribute, o: string, j: string, i: string): string =>
  shared ? j : flatIndex([o, j, i], [count * inner, inner, 1]);

/** NaN where the index is out of range: nothing can be thrown on the device. */
const gather: OwnPasses = (node, build) => {
  const attr = node.attr as GatherAttribute;
  const { outer, extent, count, inner } = attr;
  const [input, index] = node.inputs as [PlanNode, PlanNode];
  const text = new PassText(build);
  const [x, indices] = [text.read(input), text.read(index)];
  const [o, j, i] = text.coordinates([outer, count, inner]);
  text.add(`const at=${indices(indexAt(attr, o, j, i))};`);
  text.add(`if(at<0||at>=${extent}){const none=t-t;return none/none;}`);
  text.finish(x(flatIndex([o, "at", i], [extent * inner, inner, 1])), node.shape.size, build.place(node));
};

/** Comparisons of all places with all indices that are no more trouble than sorting the indices. */
const fewComparisons = 2 ** 24;

/** No two threads write one element: each element collects what goes to it, in the order of the indices. */
const scatterAdd: OwnPasses = (node, build) => {
  const attr = node.attr as GatherAttribute;
  const index = node.inputs[1] as PlanNode;
  const pool = poolOf(index, attr);
  if (pool !== null) return maxPoolGradient(pool)(node, build);
  const sortable = attr.shared || attr.inner === 1;
  if (sortable && node.shape.size * attr.count > fewComparisons) bySorting(node, build, attr);
  else byComparing(node, build, attr);
};

/** The geometry, when the indices are those of a max pooling and the element is one of its input. */
function poolOf(index: PlanNode, { outer, extent, inner, count }: GatherAttribute): PoolAttribute | null {
  if (index.op.name !== "maxPoolIndex" || outer * inner !== 1) return null;
  const pool = index.attr as PoolAttribute;
  const size = (dims: readonly number[]): number => dims.reduce((p, d) => p * d, 1);
  return size(pool.x) === extent && size(pool.y) === count ? pool : null;
}

function byComparing(node: PlanNode, build: PassBuilder, attr: GatherAttribute): void {
  const { outer, extent, count, inner } = attr;
  const [gradient, index] = node.inputs as [PlanNode, PlanNode];
  const { parts, each } = partition(count, node.shape.size);
  const text = new PassText(build);
  const [g, indices] = [text.read(gradient), text.read(index)];
  const [part, o, e, i] = text.coordinates([parts, outer, extent, inner]);
  const within = parts * each === count ? "" : `if(j>=${count}){break;}`;
  const value = g(flatIndex([o, "j", i], [count * inner, inner, 1]));
  text.add(`let total=0.0;for(let k=0;k<${each};k++){const j=${flatIndex([part], [each], "k")};${within}`);
  text.add(`const at=${indices(indexAt(attr, o, "j", i))};if(at===${e}){total=total+${value};}}`);
  finishParts(text, build, parts, node);
}

/** Sorts the positions by index; then an element finds its first one by halving, and takes all that follow. */
function bySorting(node: PlanNode, build: PassBuilder, attr: GatherAttribute): void {
  const { outer, extent, count, inner, shared } = attr;
  const [gradient, index] = node.inputs as [PlanNode, PlanNode];
  const rows = shared ? 1 : outer;
  const sorted = build.temporary(rows * count);
  sortRows(build, { keys: index, rows, count, descending: false, output: sorted });
  const text = new PassText(build);
  const [g, indices, order] = [text.read(gradient), text.read(index), text.readPlace(sorted)];
  const [o, e, i] = text.coordinates([outer, extent, inner]);
  const row = flatIndex([o], [shared ? 0 : count]);
  text.add(`const row=${row};let low=0.0;let high=${count}.0;`);
  text.add(
    `for(let s=0;s<${searchSteps(count)};s++){if(low<high){const middle=Math.floor((low+high)*0.5);` +
      `const m=${order("row+middle")};const at=${indices("row+m")};if(at<${e}){low=middle+1;}else{high=middle;}}}`,
  );
  const value = g(flatIndex([o, "j", i], [count * inner, inner, 1]));
  text.add(
    `let total=0.0;for(let k=0;k<${count};k++){const place=low+k;if(place>=${count}){break;}` +
      `const j=${order("row+place")};const found=${indices("row+j")};if(found>${e}){break;}total=total+${value};}`,
  );
  text.finish("total", node.shape.size, build.place(node));
}

export const indexPasses: Readonly<Record<string, OwnPasses>> = { gather, scatterAdd };
