import type { ReduceAttribute, ReduceOp } from "../../../ops/reduce.js";
import type { PlanNode } from "../../../plan/plan.js";
import { inlineText } from "../fused/literal-text.js";
import type { OwnPasses, PassBuilder, Place } from "../pass.js";
import { flatIndex } from "./index-math.js";
import type { Reader } from "./pass-text.js";
import { PassText } from "./pass-text.js";
import { loop, nanFlag } from "./text-pieces.js";

type Fold = "sum" | "max" | "min";

/** `[outer, reduced, inner]`, of which the middle is folded. */
type Extents = Pick<ReduceAttribute, "outer" | "reduced" | "inner">;

/** Threads that keep a device busy, and terms that are worth a thread. */
const enough = 16384;
const fewest = 64;

/** A sum of `length` terms in `parts` of `each` terms (the last may have fewer): more parts where there are few threads. */
export function partition(length: number, threads: number, least = fewest): { parts: number; each: number } {
  const most = Math.min(Math.floor(length / least), Math.ceil(enough / threads));
  const each = Math.ceil(length / Math.max(1, most));
  return { parts: each === 0 ? 1 : Math.ceil(length / each), each };
}

/** The pass that returns `total` for each part of each element of a node, and those that add the parts up. */
export function finishParts(text: PassText, build: PassBuilder, parts: number, node: PlanNode): void {
  const { size } = node.shape;
  const output = build.place(node);
  const between = parts === 1 ? output : build.temporary(parts * size);
  text.finish("total", parts * size, between);
  const extents = { outer: 1, reduced: parts, inner: size };
  if (parts > 1) reduce(build, (next) => next.readPlace(between), extents, "sum", output);
}

/** Folds the middle axis, in one pass or more. */
function reduce(
  build: PassBuilder,
  source: (text: PassText) => Reader,
  { outer, reduced, inner }: Extents,
  fold: Fold,
  output: Place,
): void {
  const { parts, each } = partition(reduced, outer * inner);
  const text = new PassText(build);
  const x = source(text);
  const [o, part, i] = text.coordinates([outer, parts, inner]);
  text.add(`const start=${flatIndex([o, part, i], [reduced * inner, each * inner, 1])};`);
  text.add(`let total=${fold === "sum" ? "0.0" : x("start")};`);
  const within = parts * each === reduced ? "" : `if(${flatIndex([part], [each], "r")}>=${reduced}){break;}`;
  const value = `const value=${x(flatIndex(["r"], [inner], "start"))};`;
  text.add(loop("r", each, within + value + step(fold)));
  const size = outer * parts * inner;
  const between = parts === 1 ? output : build.temporary(size);
  text.finish("total", size, between);
  if (parts > 1) reduce(build, (next) => next.readPlace(between), { outer, reduced: parts, inner }, fold, output);
}

/** Takes `value` into `total`. What is neither more nor less nor equal is NaN, and so is the sum with it. */
function step(fold: Fold): string {
  if (fold === "sum") return "total=total+value;";
  const [worse, better] = fold === "max" ? ["<=", ">"] : [">=", "<"];
  return (
    `let known=0.0;if(value${worse}total){known=1.0;}if(value${better}total){known=1.0;total=value;}` +
    "if(known<0.5){total=total+value;}"
  );
}

const reduction: OwnPasses = (node, build) => {
  const attr = node.attr as ReduceAttribute;
  const fold = (node.op as ReduceOp).reduction as Fold;
  const [x] = node.inputs as [PlanNode];
  const output = build.place(node);
  if (attr.reduced > 0) reduce(build, (text) => text.read(x), attr, fold, output);
  else new PassText(build).finish(inlineText(ofNothing(fold, node)), node.shape.size, output);
};

/** What a reduction of nothing gives; int32 has no infinity. */
function ofNothing(fold: Fold, { dtype }: PlanNode): number {
  if (fold === "sum" || dtype === "int32") return 0;
  return fold === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Index of the first largest (smallest) element; the first NaN comes before anything. Long rows: the best of the best of parts. */
const extremeIndex: OwnPasses = (node, build) => {
  const { outer, reduced, inner } = node.attr as ReduceAttribute;
  const better = node.op.name === "argmax" ? ">" : "<";
  const [input] = node.inputs as [PlanNode];
  let candidates: Place | null = null;
  for (let count = reduced, left = true; left; ) {
    const { parts, each } = partition(count, outer * inner);
    const text = new PassText(build);
    const [x, found] = [text.read(input), candidates === null ? null : text.readPlace(candidates)];
    const [o, part, i] = text.coordinates([outer, parts, inner]);
    const row = flatIndex([o, i], [reduced * inner, 1]);
    text.add(`const row=${row};let best=0.0;let at=-1.0;let settled=0.0;`);
    const within = parts * each === count ? "" : `if(${flatIndex([part], [each], "r")}>=${count}){break;}`;
    const own = flatIndex([part], [each], "r");
    const index = found === null ? own : found(flatIndex([o, part, "r", i], [count * inner, each * inner, inner, 1]));
    const value = x(flatIndex(["index"], [inner], "row"));
    text.add(
      `for(let r=0;r<${each};r++){${within}const index=${index};const value=${value};${nanFlag("nan", "value")}` +
        `if(settled<0.5&&(at<0.0||nan>0.5||value${better}best)){best=value;at=index;settled=nan;}}`,
    );
    left = parts > 1;
    candidates = left ? build.temporary(outer * parts * inner) : build.place(node);
    text.finish("at", outer * parts * inner, candidates);
    count = parts;
  }
};

export const reducePasses: Readonly<Record<string, OwnPasses>> = {
  sum: reduction,
  max: reduction,
  min: reduction,
  argmax: extremeIndex,
  argmin: extremeIndex,
};
