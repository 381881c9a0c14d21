import type { PlanNode } from "../../../plan/plan.js";
import { isNumber } from "../../../plan/plan.js";
import { Domain, extentOf } from "./domain.js";
import type { Layout } from "./layout.js";

/** Statements of one value, about; where nothing is said, 1. */
const costs: Readonly<Record<string, number>> = {
  uniform: 60,
  erf: 24,
  pow: 18,
  sin: 14,
  cos: 14,
  tanh: 12,
  log1p: 12,
  expm1: 12,
  exp: 6,
  log: 12,
  sigmoid: 6,
  round: 4,
  sqrt: 3,
  pick: 3,
};
export const costOf = (node: PlanNode): number => costs[node.op.name] ?? 1;

/** Values that cost more than this are computed once, not by every pass that wants them. */
const mostRepeated = 24;
/** Statements of a loop that is computed again by a thread, and by all threads together, instead of once by a pass of its own. */
const mostAgain = { thread: 256, all: 2 ** 18 };
/** Statements of one kernel: compilers were seen to manage 500 in a tenth of a second. */
export const mostStatements = 400;

/**
 * Decides which members of a fused kernel get an array besides those that must: every other one is computed where it is
 * wanted, again by every pass.
 */
export function chooseStored(layout: Layout, mostArrays: number): void {
  storeCompared(layout);
  storeSharedWork(layout);
  while (storeForRoom(layout, mostArrays));
}

/**
 * Stores what is tested for equality and also used elsewhere: gradients of extrema and of clip() ask which element it was
 * that was taken. Computed twice a value may come out as two, because compilers may fuse multiplications and additions.
 */
function storeCompared({ kernel, inside, stored }: Layout): void {
  for (const { op, inputs } of kernel.members)
    if (op.name === "equal" || op.name === "notEqual")
      for (const input of inputs)
        if (inside.has(input) && input.dtype === "float32" && input.users.length > 1) stored.add(input);
}

/** Stores loops that would run once per element of something larger, and what is expensive and wanted by several passes. */
function storeSharedWork(layout: Layout): void {
  const { kernel, inside, stored } = layout;
  const loops = loopsBelow(layout);
  const cost = new Map<PlanNode, number>();
  for (const node of kernel.members)
    cost.set(
      node,
      node.inputs.reduce((sum, input) => sum + (stored.has(input) ? 0 : (cost.get(input) ?? 0)), costOf(node)),
    );
  /** The passes that would compute a member, by the node that they are for. */
  const passes = new Map<PlanNode, ReadonlySet<PlanNode>>();
  for (let i = kernel.members.length - 1; i >= 0; i--) {
    const node = kernel.members[i] as PlanNode;
    const wanted = new Set<PlanNode>();
    for (const user of node.users) {
      if (!inside.has(user)) continue;
      if (stored.has(user) || isCut(user, layout)) wanted.add(user);
      else for (const pass of passes.get(user) ?? []) wanted.add(pass);
    }
    passes.set(node, wanted);
    if (stored.has(node)) continue;
    const elsewhere = wanted.size > 1 || [...wanted].some((pass) => !sharesThreads(node, pass, layout));
    const loop = loops.has(node) && (node.op.kind === "reduce" || replacesLoops(node, loops, layout));
    if (loop && elsewhere && isShort(node, wanted, layout)) continue;
    if ((loop && elsewhere) || (wanted.size > 1 && (cost.get(node) as number) > mostRepeated)) stored.add(node);
  }
}

/** Whether a loop is so short that each thread of the passes that want it may as well run it itself. */
function isShort(node: PlanNode, wanted: ReadonlySet<PlanNode>, layout: Layout): boolean {
  const statements = statementsOf(node, layout);
  const own = layout.domain(node);
  let all = 0;
  for (const pass of wanted) {
    const domain = layout.domain(pass);
    // Otherwise it would run in a loop of that pass.
    if (isCut(pass, layout) || (domain & own) !== own) return false;
    if (domain !== own) all += statements * extentOf(domain, layout.kernel);
  }
  return statements <= mostAgain.thread && all <= mostAgain.all;
}

/** Statements that a thread runs for a value. */
function statementsOf(node: PlanNode, layout: Layout): number {
  const turns = new Map<PlanNode, number>();
  /** `count` turns of a loop over `looped`. */
  const visit = (each: PlanNode, looped: Domain, count: number): void => {
    if (!layout.inside.has(each)) return;
    // What a loop does not run over is computed once, before it.
    const own = (layout.domain(each) & looped) === 0 ? 1 : count;
    if ((turns.get(each) ?? 0) >= own) return;
    turns.set(each, own);
    if (layout.stored.has(each)) return;
    const isLoop = each.op.kind === "reduce";
    const [below, times] = isLoop ? [layout.reduced(each), own * layout.terms(each)] : [looped, own];
    for (const input of each.inputs) visit(input, below, times);
  };
  visit(node, Domain.One, 1);
  return [...turns].reduce((sum, [each, own]) => sum + costOf(each) * own, 0);
}

/** Whether a reduction has a pass of its own for partial results, which computes its input. */
const isCut = (node: PlanNode, layout: Layout): boolean => node.op.kind === "reduce" && layout.parts(node) > 1;

/** Whether a pass has a thread for each value of a member. */
const sharesThreads = (node: PlanNode, pass: PlanNode, layout: Layout): boolean =>
  !isCut(pass, layout) && layout.domain(pass) === layout.domain(node);

/** Members that are a reduction, or arithmetic on one with as many values. */
function loopsBelow(layout: Layout): ReadonlySet<PlanNode> {
  const loops = new Set<PlanNode>();
  for (const node of layout.kernel.members) {
    const below = node.inputs.some((input) => loops.has(input) && layout.domain(input) === layout.domain(node));
    if (node.op.kind === "reduce" || (node.op.kind === "elementwise" && below && !layout.stored.has(node)))
      loops.add(node);
  }
  return loops;
}

/** Whether storing this value makes it unnecessary to store the reductions that it is made of. */
const replacesLoops = (node: PlanNode, loops: ReadonlySet<PlanNode>, layout: Layout): boolean =>
  layout.domain(node) !== Domain.Full &&
  node.inputs.every(
    (input) => !loops.has(input) || layout.domain(input) !== layout.domain(node) || input.users.length === 1,
  );

/** What a value that is not stored is computed from. */
interface Needs {
  readonly arrays: ReadonlySet<PlanNode>;
  readonly members: ReadonlySet<PlanNode>;
}

/** Stores one member that makes another need fewer arrays or statements, where it needs too many; false: all is well. */
function storeForRoom(layout: Layout, mostArrays: number): boolean {
  const { kernel, inside, stored } = layout;
  const needs = new Map<PlanNode, Needs>();
  for (const node of kernel.members) {
    const arrays = new Set<PlanNode>();
    const members = new Set<PlanNode>([node]);
    for (const input of node.inputs) {
      if (isNumber(input)) continue;
      if (!inside.has(input) || stored.has(input)) arrays.add(input);
      else {
        const below = needs.get(input) as Needs;
        for (const each of below.arrays) arrays.add(each);
        for (const each of below.members) members.add(each);
      }
    }
    const statements = [...members].reduce((sum, each) => sum + costOf(each), 0);
    if (arrays.size > mostArrays || statements > mostStatements) {
      const largest = largestInput(node, needs, layout);
      if (largest !== null) {
        stored.add(largest);
        return true;
      }
    }
    // The rest of a reduction that is cut into parts reads one array.
    needs.set(node, isCut(node, layout) ? { arrays: new Set([node]), members: new Set([node]) } : { arrays, members });
  }
  return false;
}

/** The input that is computed on the spot from the most arrays, or from the most members. */
function largestInput(node: PlanNode, needs: ReadonlyMap<PlanNode, Needs>, layout: Layout): PlanNode | null {
  let largest: PlanNode | null = null;
  let most = 0;
  for (const input of node.inputs) {
    if (!layout.inside.has(input) || layout.stored.has(input)) continue;
    const { arrays, members } = needs.get(input) as Needs;
    const size = arrays.size * 1000 + members.size;
    if (size > most) [largest, most] = [input, size];
  }
  return largest;
}
