import type { Role, Space } from "./classify.js";
import { Classifier } from "./classify.js";
import { agree } from "./demand.js";
import type { Plan, PlanNode } from "./plan.js";
import { isNumber } from "./plan.js";

/** Several nodes that run as one kernel over `rows x columns`, each in its role. */
export interface FusedKernel extends Space {
  readonly kind: "fused";
  readonly members: readonly PlanNode[];
  readonly roles: readonly Role[];
}
/** A node with a kernel of its own. */
export interface OwnKernel {
  readonly kind: "own";
  readonly node: PlanNode;
}
export type Kernel = FusedKernel | OwnKernel;

/** Most members of one kernel: bounds the time that planning takes and the registers that a kernel needs. Two log-gammas with gradients fit. */
const memberLimit = 320;

/** How far apart, in nodes, readers of one value may lie that become one: bounds the search for paths between them. */
const reach = 512;

/** Room in the order of groups that halves each time that it is used: below this the order is numbered anew. */
const leastRoom = 1e-9;

interface Group {
  members: PlanNode[];
  /** Null for a node with a kernel of its own. */
  space: Space | null;
  alive: boolean;
  /** Position in an order in which every group comes after those that it reads: the first node, or in front of that. */
  order: number;
}

/** Cuts a plan into kernels, in an order in which they can run. */
export function fuse(plan: Plan): Kernel[] {
  return new Fusion(plan).run();
}

class Fusion {
  private readonly groups: Group[] = [];
  private readonly groupOf: (Group | null)[];
  private readonly classifier: Classifier;

  constructor(private readonly plan: Plan) {
    this.classifier = new Classifier(plan.nodes);
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
    const space = this.classifier.classify([node]);
    let group: Group = { members: [node], space, alive: true, order: node.index };
    this.groups.push(group);
    this.groupOf[node.index] = group;
    this.classifier.settle(group.members);
    const producers = [...this.sourcesOf(group)].sort(latestFirst);
    for (const producer of producers) group = this.merge(producer, group) ?? group;
  }

  /** One group of two, or null when that is impossible. */
  private merge(a: Group, b: Group): Group | null {
    if (a === b || a.space === null || b.space === null || !a.alive || !b.alive) return null;
    if (a.members.length + b.members.length > memberLimit || !mayShare(a.space, b.space)) return null;
    const early = a.order < b.order ? a : b;
    const late = early === a ? b : a;
    const members = inOrder(early.members, late.members);
    const single = late.members.length === 1 && members.at(-1) === last(late);
    const extended = single
      ? this.classifier.extend(early.space as Space, last(late), (input) => this.groupOf[input.index] === early)
      : null;
    const space = extended ?? this.classifier.classify(members);
    if (space === null || !this.close(early, late)) return null;
    this.classifier.settle(extended === null ? members : late.members);
    early.members = members;
    early.space = space;
    late.alive = false;
    for (const node of late.members) this.groupOf[node.index] = early;
    return early;
  }

  /** The groups that a group reads. */
  private sourcesOf(group: Group): Set<Group> {
    const sources = new Set<Group>();
    for (const { inputs } of group.members)
      for (let i = 0; i < inputs.length; i++) {
        const source = this.groupOf[(inputs[i] as PlanNode).index];
        if (source && source !== group) sources.add(source);
      }
    return sources;
  }

  /**
   * Makes room in the order of groups for `early` and `late` to be one, or says that a path leads from one to the other
   * through a third. What `late` needs and comes after `early` moves in front of it.
   */
  private close(early: Group, late: Group): boolean {
    const needed = new Set<Group>();
    const stack = [late];
    // Where the room in front of `early` begins: after all that is read there.
    let start = early.order - 1;
    for (let group = stack.pop(); group !== undefined; group = stack.pop())
      for (const source of this.sourcesOf(group))
        if (source === early) {
          if (group !== late) return false;
        } else if (source.order < early.order) start = Math.max(start, source.order);
        else if (!needed.has(source)) {
          needed.add(source);
          stack.push(source);
        }
    // Mostly everything that the later one reads was there before the earlier one.
    if (needed.size === 0) return true;
    for (const { order } of this.sourcesOf(early)) start = Math.max(start, order);
    const room = (early.order - start) / (needed.size + 1);
    if (room < leastRoom) {
      const alive = this.groups.filter((group) => group.alive).sort(byOrder);
      for (let i = 0; i < alive.length; i++) (alive[i] as Group).order = i;
      return this.close(early, late);
    }
    for (const group of [...needed].sort(byOrder)) group.order = start += room;
    return true;
  }

  /** Moves elementwise nodes into the kernel that uses them where that stores no more: masks, terms of gradients. */
  private sink(): boolean {
    let changed = false;
    for (const group of this.groups) {
      if (!group.alive || group.members.length < 2) continue;
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
      if (node.op.kind !== "elementwise" || node.sink) continue;
      if (node.users.every((user) => moving.has(user) || this.groupOf[user.index] === target)) moving.add(node);
    }
    if (moving.size === 0 || moving.size === group.members.length) return false;
    if (target.members.length + moving.size > memberLimit) return false;
    const staying = group.members.filter((node) => !moving.has(node));
    const inside = (user: PlanNode): boolean => this.groupOf[user.index] === group;
    const stays = (user: PlanNode): boolean => inside(user) && !moving.has(user);
    if (storedElements(staying, stays) > storedElements(group.members, inside)) return false;
    const space = this.classifier.classify(staying);
    if (space === null) return false;
    const members = inOrder(target.members, [...moving].reverse());
    const targetSpace = this.classifier.classify(members);
    if (targetSpace === null) return false;
    this.classifier.settle(staying);
    this.classifier.settle(members);
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
        if (group && group !== this.groupOf[node.index]) readers.add(group);
      }
      const list = [...readers];
      for (let i = 0; i < list.length; i++)
        for (let j = i + 1; j < list.length; j++) {
          const [a, b] = [list[i] as Group, list[j] as Group];
          const near = a.space?.size === b.space?.size && Math.abs(last(a).index - last(b).index) <= reach;
          if (near && this.merge(a, b) !== null) changed = true;
        }
    }
    return changed;
  }

  /** Producers before consumers; among those that could run, the one that finishes earliest in the plan. */
  private ordered(): Kernel[] {
    const alive = this.groups.filter((group) => group.alive);
    const waiting = new Map<Group, Set<Group>>();
    const dependents = new Map<Group, Group[]>();
    for (const group of alive) {
      waiting.set(group, this.sourcesOf(group));
      dependents.set(group, []);
    }
    for (const [group, sources] of waiting) for (const source of sources) dependents.get(source)?.push(group);
    const ready = alive.filter((group) => waiting.get(group)?.size === 0);
    const kernels: Kernel[] = [];
    while (ready.length > 0) {
      const group = ready.sort(latestFirst).pop() as Group;
      const { members, space } = group;
      kernels.push(
        space === null
          ? { kind: "own", node: members[0] as PlanNode }
          : { kind: "fused", members, roles: this.classifier.rolesOf(members), ...space },
      );
      for (const dependent of dependents.get(group) ?? []) {
        const left = waiting.get(dependent) as Set<Group>;
        left.delete(group);
        if (left.size === 0) ready.push(dependent);
      }
    }
    if (kernels.length !== alive.length) throw new Error("fuse: internal error, kernels in a circle");
    return kernels;
  }
}

/** Leaves and numbers need no kernel, nor does anything without elements. */
function needsKernel(node: PlanNode): boolean {
  return node.op.kind !== "leaf" && !isNumber(node) && node.shape.size > 0;
}

/** Whether two spaces could be one: equally many elements, or one is the rows, the columns or the total of the other. */
function mayShare(a: Space, b: Space): boolean {
  if (a.products + b.products > 1 || !agree(a.asked, b.asked)) return false;
  const { rows, columns, size } = a.size >= b.size ? a : b;
  const smaller = Math.min(a.size, b.size);
  return smaller === size || smaller === 1 || smaller === rows || smaller === columns || columns === 1;
}

/** Two lists in plan order as one. */
function inOrder(a: readonly PlanNode[], b: readonly PlanNode[]): PlanNode[] {
  const all = a.concat(b);
  const sorted = (a.at(-1) as PlanNode).index < (b[0] as PlanNode).index;
  return sorted ? all : all.sort((x, y) => x.index - y.index);
}

const last = (group: Group): PlanNode => group.members.at(-1) as PlanNode;
const byOrder = (a: Group, b: Group): number => a.order - b.order;
const latestFirst = (a: Group, b: Group): number => last(b).index - last(a).index;

/** Elements that a kernel of these members stores for others. */
function storedElements(members: readonly PlanNode[], inside: (user: PlanNode) => boolean): number {
  let stored = 0;
  for (const node of members) if (node.sink || !node.users.every(inside)) stored += node.shape.size;
  return stored;
}
