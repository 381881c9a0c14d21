import type { CumsumAttribute } from "../../../ops/indexing.js";
import type { PlanNode } from "../../../plan/plan.js";
import { stridesOf } from "../../../shape.js";
import type { OwnPasses, Place } from "../pass.js";
import { flatIndex } from "./index-math.js";
import { PassText } from "./pass-text.js";

/** Terms that a thread adds up in one pass. */
const radix = 16;

/**
 * Running sums in log16(extent) passes: after each, an element holds the sum of 16 times as many elements up to itself,
 * from those that lie `reach` apart.
 */
const cumsum: OwnPasses = (node, build) => {
  const { axis } = node.attr as CumsumAttribute;
  const { dims, size } = node.shape;
  const extent = dims[axis] as number;
  const inner = stridesOf(dims)[axis] as number;
  const output = build.place(node);
  let last: Place | null = null;
  for (let reach = 1; reach === 1 || reach < extent; reach *= radix) {
    const text = new PassText(build);
    const x = last === null ? text.read(node.inputs[0] as PlanNode) : text.readPlace(last);
    const [, at] = text.coordinates([size / (extent * inner), extent, inner]);
    const terms = Math.min(radix, Math.ceil(extent / reach));
    text.add(`let total=0.0;for(let j=0;j<${terms};j++){if(${flatIndex(["j"], [reach])}>${at}){break;}`);
    text.add(`total=total+${x(flatIndex(["j"], [-reach * inner], "t"))};}`);
    last = reach * radix < extent ? build.temporary(size) : output;
    text.finish("total", size, last);
  }
};

export const scanPasses: Readonly<Record<string, OwnPasses>> = { cumsum };
