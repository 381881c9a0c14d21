import type { ReduceAttribute, ReduceOp } from "../../ops/reduce.js";
import type { PlanNode } from "../../plan/plan.js";
import { flatIndex } from "./index-math.js";
import type { OwnPasses, PassBuilder, Place } from "./pass.js";
import type { Reader } from "./pass-text.js";
import { floatText, nanFlag, PassText } from "./pass-text.js";

type Fold = "sum" | "max" | "min";

/** Threads that keep a device busy, and terms that are worth a thread. */
const enough = 16384;
const fewest = 64;

/** A sum of `length` terms in `parts` of `each` terms (the last may have fewer): more parts where there are few threads. */
export function partition(length: number, threads: number, least = fewest): { parts: number; each: number } {
  const most = Math.min(Math.floor(length / least), Math.ceil(enough / threads));
  const each = Math.ceil(length / Math.max(1, most));
  return { parts: each === 0 ? 1 : Math.ceil(length / each), each };
}

/** Folds the middle axis of `[outer, reduced, inner]`, in one pass or two. */
export function reduce(
  build: PassBuilder,
  source: (text: PassText) => Reader,
  { outer, reduced, inner }: Omit<ReduceAttribute, "id">,
  fold: Fold,
  output: Place,
): void {
  const size = outer * inner;
  const { parts, each } = partition(reduced, size);
  const text = new PassText(build);
  const x = source(text);
  const [o, part, i] = text.coordinates([outer, parts, inner]) as [string, string, string];
  const terms = [
    [o, reduced * inner],
    [part, each * inner],
    [i, 1],
  ] as const;
  text.add(`const start=${flatIndex(terms)};`);
  text.add(`let total=${fold === "sum" ? "0.0" : x("start")};`);
  const within = parts * each === reduced ? "" : `if(${flatIndex([[part, each]], "r")}>=${reduced}){break;}`;
  text.add(`for(let r=0;r<${each};r++){${within}const value=${x(`start+r*${inner}`)};${step(fold)}}`);
  const between = parts === 1 ? output : build.temporary(outer * parts * inner);
  text.finish("total", outer * parts * inner, between);
  if (parts > 1) reduce(build, (next) => next.readPlace(between), { outer, reduced: parts, inner }, fold, output);
}

/** Takes `value` into `total`; what can't be compared is NaN, and so is the sum. */
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
  const { reduction } = node.op as ReduceOp;
  const fold = reduction as Fold;
  const [x] = node.inputs as [PlanNode];
  const output = build.place(node);
  if (attr.reduced > 0) return reduce(build, (text) => text.read(x), attr, fold, output);
  const text = new PassText(build);
  text.finish(floatText(emptyValue(fold, node)), node.shape.size, output);
};

/** What a reduction of nothing gives; int32 has no infinity. */
function emptyValue(fold: Fold, { dtype }: PlanNode): number {
  if (fold === "sum" || dtype === "int32") return 0;
  return fold === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Index of the first largest (smallest) element; the first NaN comes before anything. */
const extremeIndex: OwnPasses = (node, build) => {
  const { outer, reduced, inner } = node.attr as ReduceAttribute;
  const better = node.op.name === "argmax" ? ">" : "<";
  const [input] = node.inputs as [PlanNode];
  const text = new PassText(build);
  const x = text.read(input);
  const [o, i] = text.coordinates([outer, inner]) as [string, string];
  text.add(
    `const start=${flatIndex([
      [o, reduced * inner],
      [i, 1],
    ])};let best=${x("start")};let at=0.0;`,
  );
  text.add(nanFlag("settled", "best"));
  text.add(
    `for(let r=0;r<${reduced};r++){const value=${x(`start+r*${inner}`)};${nanFlag("nan", "value")}` +
      `if(settled<0.5&&(nan>0.5||value${better}best)){best=value;at=r;settled=nan;}}`,
  );
  text.finish("at", node.shape.size, build.place(node));
};

export const reducePasses: Readonly<Record<string, OwnPasses>> = {
  sum: reduction,
  max: reduction,
  min: reduction,
  argmax: extremeIndex,
  argmin: extremeIndex,
};
