import type { SortAttribute } from "../../../ops/indexing.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { OwnPasses, PassBuilder, Place } from "../pass.js";
import { divide, flatIndex, searchSteps } from "./index-math.js";
import { PassText } from "./pass-text.js";
import { nanFlag } from "./text-pieces.js";

/** Rows of keys, and where the order of each goes. */
interface Sort {
  readonly keys: PlanNode;
  readonly rows: number;
  readonly count: number;
  readonly descending: boolean;
  readonly output: Place;
}

/**
 * The stable order of rows of keys, NaN being the largest: runs of 1, 2, 4 ... are merged, a pass each. The length of the
 * runs stands behind the order, so that all passes are one kernel.
 */
export function sortRows(build: PassBuilder, sort: Sort): void {
  const { rows, count, output } = sort;
  const size = rows * count;
  const merges = Math.ceil(Math.log2(count));
  const start = new PassText(build);
  if (merges > 0) start.add(`if(t>=${size}){return 1.0;}`);
  const [, at] = start.coordinates([rows, count]);
  let order = merges === 0 ? output : build.temporary(size + 1);
  let spare: Place | null = null;
  start.finish(flatIndex([at], [1]), merges === 0 ? size : size + 1, order);
  for (let left = merges; left > 0; left--) {
    const target: Place = left === 1 ? output : (spare ?? build.temporary(size + 1));
    merge(build, sort, order, left === 1 ? size : size + 1, target);
    spare = order;
    order = target;
  }
}

/** Merges neighbouring runs: a thread finds how many elements of the left one come before its own place. */
function merge(
  build: PassBuilder,
  { keys, rows, count, descending }: Sort,
  from: Place,
  threads: number,
  to: Place,
): void {
  const text = new PassText(build);
  const [key, order] = [text.read(keys), text.readPlace(from)];
  const size = rows * count;
  text.add(`const run=${order(`${size}`)};const pair=run*2.0;if(t>=${size}){return pair;}`);
  const [row, at] = text.coordinates([rows, count]);
  text.add(`${divide(at, "pair", "block", "place")}const base=${flatIndex([row], [count])};`);
  text.add(`const left=base+block*pair;const right=left+run;const whole=${count}-block*pair;`);
  text.add("const lefts=Math.min(run,whole);const rights=Math.max(0.0,Math.min(run,whole-run));");
  text.add("let low=Math.max(0.0,place-rights);let high=Math.min(place,lefts);");
  const first = (l: string, r: string, x: string): string =>
    `const x${x}=${key(`base+${l}`)};const y${x}=${key(`base+${r}`)};${nanFlag(`m${x}`, `x${x}`)}${nanFlag(`n${x}`, `y${x}`)}`;
  // The right one comes first only when it is strictly before the left one.
  const before = (x: string): string =>
    descending ? `y${x}>x${x}||(n${x}>0.5&&m${x}<0.5)` : `y${x}<x${x}||(m${x}>0.5&&n${x}<0.5)`;
  const search = `const l=${order("left+middle")};const r=${order("right+place-1-middle")};${first("l", "r", "0")}`;
  text.add(
    `for(let s=0;s<${searchSteps(count)};s++){if(low<high){const middle=Math.floor((low+high)*0.5);` +
      `${search}if(${before("0")}){high=middle;}else{low=middle+1;}}}`,
  );
  text.add(`if(low>=lefts){return ${order("right+place-low")};}`);
  text.add(`const own=${order("left+low")};if(place-low>=rights){return own;}`);
  text.add(`const other=${order("right+place-low")};${first("own", "other", "1")}if(${before("1")}){return other;}`);
  text.finish("own", threads, to);
}

const argsort: OwnPasses = (node, build) => {
  const { descending } = node.attr as SortAttribute;
  const [keys] = node.inputs as [PlanNode];
  const count = node.shape.dims.at(-1) as number;
  sortRows(build, { keys, rows: node.shape.size / count, count, descending, output: build.place(node) });
};

export const sortPasses: Readonly<Record<string, OwnPasses>> = { argsort };
