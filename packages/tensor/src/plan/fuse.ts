import type { Space } from "./classify.js";
import { Classifier, isFusable } from "./classify.js";
import type { Plan, PlanNode } from "./plan.js";
import { isNumber } from "./plan.js";

/** Several nodes that run as one kernel over `rows x columns`. */
export interface FusedKernel extends Space {
  readonly kind: "fused";
  readonly members: readonly PlanNode[];
}
/** A node with a kernel of its own. */
export interface OwnKernel {
  readonly kind: "own";
  readonly node: PlanNode;
}
export type Kernel = FusedKernel | OwnKernel;

/** Most members of one kernel: bounds the time that planning takes and the registers that a kernel needs. */
const memberLimit = 96;

/** How far apart, in nodes, readers of one value may lie that become one: bounds the search for paths between them. */
const reach = 512;

interface Group {
  members: PlanNode[];
  /** Null for a node with a kernel of its own. */
  space: Space | null;
  alive: boolean;
  /** Position in an order in which every group comes after those that it reads. */
  order: number;
  /** Search that last came here. */
  visited: number;
}

/** Cuts a plan into kernels, in an order in which they can run. */
export function fuse(plan: Plan): Kernel[] {
  return new Fusion(plan).run();
}

class Fusion {
  private readonly groups: Group[] = [];
  private readonly groupOf: (Group | null)[];
  private readonly classifier: Classifier;
  private epoch = 0;
  /** Pairs, by their first members, between which a path was found: it does not go away. */
  private readonly apart = new Set<number>();

  constructor(private readonly plan: Plan) {
    this.classifier = new Classifier(plan.nodes.length);
    this.groupOf = new Array(plan.nodes.length).fill(null);
  }

  run(): Kernel[] {
    for (const node of this.plan.nodes) if (needsKernel(node)) this.start(node);
    for (let round = 0; round < 3; round++) {
      const moved = this.sink();
      const joined = this.joinReaders();
      if (!moved && !joined) break;
    }
    return this.ordered();
  }

  /** A new node joins the kernels that made its inputs, the latest first. */
  private start(node: PlanNode): void {
    const space = isFusable(node) ? this.classifier.classify([node]) : null;
    let group: Group = { members: [node], space, alive: true, order: node.index, visited: 0 };
    this.groups.push(group);
    this.groupOf[node.index] = group;
    if (space === null) return;
    const producers = new Set(node.inputs.map((input) => this.groupOf[input.index]));
    const latest = [...producers]
      .filter((each): each is Group => each !== null && each !== undefined)
      .sort((x, y) => last(y) - last(x));
    for (const producer of latest) group = this.merge(producer, group) ?? group;
  }

  /** One group of two, or null when that is impossible. */
  private merge(a: Group, b: Group): Group | null {
    if (a === b || a.space === null || b.space === null || !a.alive || !b.alive) return null;
    if (a.members.length + b.members.length > memberLimit || !mayShare(a.space, b.space)) return null;
    const [early, late] = a.order < b.order ? [a, b] : [b, a];
    const pair = (early.members[0] as PlanNode).index * this.plan.nodes.length + (late.members[0] as PlanNode).index;
    if (this.apart.has(pair)) return null;
    const members = inOrder(a.members, b.members);
    const space = this.classifier.classify(members);
    if (space === null) return null;
    if (!this.close(early, late)) {
      this.apart.add(pair);
      return null;
    }
    early.members = members;
    early.space = space;
    late.alive = false;
    for (const node of late.members) this.groupOf[node.index] = early;
    return early;
  }

  /**
   * Makes room in the order of groups for `early` and `late` to be one, or says that a path leads from one to the other
   * through a third. Only groups between the two can matter; what follows `early` moves behind what `late` needs.
   */
  private close(early: Group, late: Group): boolean {
    // Mostly everything that the later one reads was there before the earlier one: nothing lies between them.
    const before = (input: PlanNode): boolean => {
      const source = this.groupOf[input.index];
      return !source || source === early || source === late || source.order < early.order;
    };
    if (late.members.every((node) => node.inputs.every(before))) return true;
    const after = this.between(
      early,
      late,
      (node) => node.users,
      (group) => group.order < late.order,
    );
    if (after === null) return false;
    const needed =
      this.between(
        late,
        early,
        (node) => node.inputs,
        (group) => group.order > early.order,
      ) ?? [];
    const byOrder = (x: Group, y: Group): number => x.order - y.order;
    const moved = [...needed.sort(byOrder), early, ...after.sort(byOrder)];
    const places = [...moved, late].map((group) => group.order).sort((x, y) => x - y);
    moved.forEach((group, i) => {
      group.order = places[i] as number;
    });
    return true;
  }

  /** Groups in reach of `from` inside the bounds; null when one of them touches `to`. */
  private between(
    from: Group,
    to: Group,
    next: (node: PlanNode) => readonly PlanNode[],
    inside: (group: Group) => boolean,
  ): Group[] | null {
    const epoch = ++this.epoch;
    const found: Group[] = [];
    const stack = [from];
    while (stack.length > 0) {
      const group = stack.pop() as Group;
      for (const node of group.members)
        for (const neighbour of next(node)) {
          const reached = this.groupOf[neighbour.index];
          if (!reached || reached === group || reached.visited === epoch) continue;
          if (reached === to) {
            if (group !== from) return null;
            continue;
          }
          if (!inside(reached)) continue;
          reached.visited = epoch;
          found.push(reached);
          stack.push(reached);
        }
    }
    return found;
  }

  /** Moves elementwise nodes into the kernel that uses them where that stores no more: masks, terms of gradients. */
  private sink(): boolean {
    let changed = false;
    for (const group of this.groups) {
      if (!group.alive || group.space === null || group.members.length < 2) continue;
      const targets = new Set<Group>();
      for (const node of group.members)
        for (const user of node.users) {
          const target = this.groupOf[user.index];
          if (target && target !== group && target.space !== null) targets.add(target);
        }
      for (const target of targets) if (this.moveInto(group, target)) changed = true;
    }
    return changed;
  }

  private moveInto(group: Group, target: Group): boolean {
    const moving = new Set<PlanNode>();
    for (let i = group.members.length - 1; i >= 0; i--) {
      const node = group.members[i] as PlanNode;
      if (node.op.kind !== "elementwise" || node.sink || node.users.length === 0) continue;
      if (node.users.every((user) => moving.has(user) || this.groupOf[user.index] === target)) moving.add(node);
    }
    if (moving.size === 0 || moving.size === group.members.length) return false;
    if (target.members.length + moving.size > memberLimit) return false;
    const staying = group.members.filter((node) => !moving.has(node));
    if (
      storedBytes(staying, (user) => staying.includes(user)) >
      storedBytes(group.members, (user) => group.members.includes(user))
    )
      return false;
    const space = this.classifier.classify(staying);
    if (space === null) return false;
    const members = inOrder(target.members, [...moving].reverse());
    const targetSpace = this.classifier.classify(members);
    if (targetSpace === null) return false;
    // No circle can appear: what the moving nodes read came before the group, and the group before the target.
    group.members = staying;
    group.space = space;
    target.members = members;
    target.space = targetSpace;
    for (const node of moving) this.groupOf[node.index] = target;
    return true;
  }

  /** Kernels of one size that read the same values become one. */
  private joinReaders(): boolean {
    let changed = false;
    for (const node of this.plan.nodes) {
      if (node.users.length < 2 || node.shape.size < 2) continue;
      const readers = new Set<Group>();
      for (const user of node.users) {
        const group = this.groupOf[user.index];
        if (group && group !== this.groupOf[node.index] && group.space !== null) readers.add(group);
      }
      const list = [...readers];
      for (let i = 0; i < list.length; i++)
        for (let j = i + 1; j < list.length; j++) {
          const [a, b] = [list[i] as Group, list[j] as Group];
          if (!a.alive || !b.alive || elements(a) !== elements(b) || Math.abs(a.order - b.order) > reach) continue;
          if (this.merge(a, b) !== null) changed = true;
        }
    }
    return changed;
  }

  /** Producers before consumers; among those that could run, the one that finishes earliest in the plan. */
  private ordered(): Kernel[] {
    const alive = this.groups.filter((group) => group.alive);
    const waiting = new Map<Group, Set<Group>>();
    for (const group of alive) waiting.set(group, new Set());
    for (const group of alive)
      for (const node of group.members)
        for (const input of node.inputs) {
          const source = this.groupOf[input.index];
          if (source && source !== group) waiting.get(group)?.add(source);
        }
    const dependents = new Map<Group, Group[]>(alive.map((group) => [group, []]));
    for (const [group, sources] of waiting) for (const source of sources) dependents.get(source)?.push(group);
    const ready = alive.filter((group) => waiting.get(group)?.size === 0);
    const kernels: Kernel[] = [];
    while (ready.length > 0) {
      let best = 0;
      for (let i = 1; i < ready.length; i++) if (last(ready[i] as Group) < last(ready[best] as Group)) best = i;
      const [group] = ready.splice(best, 1) as [Group];
      kernels.push(
        group.space === null
          ? { kind: "own", node: group.members[0] as PlanNode }
          : { kind: "fused", members: group.members, ...group.space },
      );
      for (const dependent of dependents.get(group) ?? []) {
        const left = waiting.get(dependent) as Set<Group>;
        left.delete(group);
        if (left.size === 0) ready.push(dependent);
      }
    }
    if (kernels.length !== alive.length)
      throw new Error("fuse: internal error, the kernels depend on each other in a circle");
    return kernels;
  }
}

/** Leaves and numbers need no kernel, nor does anything without elements. */
function needsKernel(node: PlanNode): boolean {
  return node.op.kind !== "leaf" && !isNumber(node) && node.shape.size > 0;
}

/** Whether two spaces could be one: equally many elements, or one is the rows, the columns or the total of the other. */
function mayShare(a: Space, b: Space): boolean {
  const [large, small] = a.rows * a.columns >= b.rows * b.columns ? [a, b] : [b, a];
  const size = small.rows * small.columns;
  return (
    size === large.rows * large.columns ||
    size === 1 ||
    size === large.rows ||
    size === large.columns ||
    large.columns === 1
  );
}

/** Two lists in plan order as one. */
function inOrder(a: readonly PlanNode[], b: readonly PlanNode[]): PlanNode[] {
  const merged: PlanNode[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (y === undefined || (x !== undefined && x.index < y.index)) {
      merged.push(x as PlanNode);
      i++;
    } else {
      merged.push(y);
      j++;
    }
  }
  return merged;
}

const last = (group: Group): number => (group.members.at(-1) as PlanNode).index;
const elements = (group: Group): number => (group.space as Space).rows * (group.space as Space).columns;

/** Elements that a kernel of these members stores for others. */
function storedBytes(members: readonly PlanNode[], inside: (user: PlanNode) => boolean): number {
  let stored = 0;
  for (const node of members) if (node.sink || !node.users.every(inside)) stored += node.shape.size;
  return stored;
}
