import type { ReduceAttribute } from "../ops/reduce.js";
import { accessOf } from "./access.js";
import type { Demand } from "./demand.js";
import { agree, demandOf, longestRow } from "./demand.js";
import type { PlanNode } from "./plan.js";

/** What a node is in a fused kernel over `rows x columns`. */
export const Role = {
  /** One value per element. */
  Full: 0,
  /** One value per row. */
  Row: 1,
  /** A sum over rows (or over everything): complete after the last row. */
  Accumulator: 2,
  /** Arithmetic on accumulators, after the last row. */
  Post: 3,
} as const;
export type Role = (typeof Role)[keyof typeof Role];

/** The space of nodes that fit one kernel. */
export interface Space {
  readonly rows: number;
  readonly columns: number;
  readonly size: number;
  /** The columns that a member asks for; 0: none does. */
  readonly asked: number;
  /** Matrix products: one at most. */
  readonly products: number;
}

/** Whether a member works on values per row, so that a kernel must take its rows as a whole. */
export function needsWholeRows(node: PlanNode, role: Role, size: number): boolean {
  if (role === Role.Row || node.op.kind === "place") return true;
  return role === Role.Accumulator && addsRows(node, size);
}

/** Whether a total is the sum of one value per row, in a kernel of this many elements. */
export function addsRows(node: PlanNode, size: number): boolean {
  const { reduced, inner } = node.attr as ReduceAttribute;
  return inner === 1 && reduced !== size;
}

/**
 * Finds out whether nodes fit one kernel, and remembers what each is in the kernel that it became part of. Plans are
 * made before this code is optimized: until then an iterator makes an object per step, which a loop with an index does not.
 */
export class Classifier {
  private readonly demands: readonly Demand[];
  private readonly settled: Int8Array;
  /** Roles of the nodes in question, and 1 for those that run after the last row. */
  private readonly roles: Int8Array;
  private readonly late: Uint8Array;
  private readonly stamps: Int32Array;
  private stamp = 0;
  private rows = 1;
  private columns = 0;

  constructor(nodes: readonly PlanNode[]) {
    this.demands = nodes.map(demandOf);
    this.settled = new Int8Array(nodes.length);
    this.roles = new Int8Array(nodes.length);
    this.late = new Uint8Array(nodes.length);
    this.stamps = new Int32Array(nodes.length);
  }

  /** The space of `members` (in topological order), or null when they do not fit together. */
  classify(members: readonly PlanNode[]): Space | null {
    this.stamp++;
    let size = 1;
    let asked = 0;
    let products = 0;
    for (let i = 0; i < members.length; i++) {
      const { index, op } = members[i] as PlanNode;
      const { size: least, columns } = this.demands[index] as Demand;
      if (columns < 0 || !agree(asked, columns)) return null;
      asked ||= columns;
      size = Math.max(size, least);
      if (op.kind === "matmul" && ++products > 1) return null;
      this.stamps[index] = this.stamp;
    }
    // Without a row structure everything is one flat axis, unless a total is used by the elements it was made of.
    let fits = this.fit(members, size, asked || 1);
    if (!fits && asked === 0 && size <= longestRow) fits = this.fit(members, size, size);
    return fits ? { rows: this.rows, columns: this.columns, size, asked, products } : null;
  }

  /**
   * The space of a kernel with one more node, which comes after all members, without a look at any but those that it
   * reads: `inside` tells. Null where that does not decide; classify() does.
   */
  extend(space: Space, node: PlanNode, inside: (input: PlanNode) => boolean): Space | null {
    const { size, columns } = space;
    const demand = this.demands[node.index] as Demand;
    if (demand.size > size || !agree(demand.columns, columns) || columns > longestRow) return null;
    this.stamp++;
    for (const input of node.inputs) {
      if (!inside(input)) continue;
      const role = this.settled[input.index] as Role;
      this.stamps[input.index] = this.stamp;
      this.roles[input.index] = role;
      this.late[input.index] = role < Role.Accumulator ? 0 : 1;
    }
    if (node.op.kind === "matmul" || !this.fit([node], size, columns)) return null;
    return { ...space, asked: space.asked || demand.columns };
  }

  /** These nodes are now a kernel, or a part of one: their roles are those found last. */
  settle(members: readonly PlanNode[]): void {
    for (const { index } of members) this.settled[index] = this.roles[index] as Role;
  }

  /** The role of each member of a kernel. */
  rolesOf(members: readonly PlanNode[]): Role[] {
    return members.map(({ index }) => this.settled[index] as Role);
  }

  private inside(node: PlanNode): boolean {
    return this.stamps[node.index] === this.stamp;
  }

  private fit(members: readonly PlanNode[], size: number, columns: number): boolean {
    if (size % columns !== 0) return false;
    this.rows = size / columns;
    this.columns = columns;
    this.findLate(members, size);
    for (let i = 0; i < members.length; i++) {
      const node = members[i] as PlanNode;
      const role = this.roleOf(node, size);
      if (role === null) return false;
      this.roles[node.index] = role;
    }
    // Values per row need whole rows at a time.
    if (columns <= longestRow || members.length === 1) return true;
    return !members.some((node) => needsWholeRows(node, this.roles[node.index] as Role, size));
  }

  /** Marks what runs after the last row: what needs a total, what only serves that, and what is left over. */
  private findLate(members: readonly PlanNode[], size: number): void {
    for (let i = 0; i < members.length; i++) {
      const node = members[i] as PlanNode;
      const total = node.op.kind === "reduce" && this.isTotal(node, size);
      const after =
        node.op.kind === "elementwise" &&
        node.inputs.some((input) => this.inside(input) && this.late[input.index] === 1);
      this.late[node.index] = total || after ? 1 : 0;
    }
    for (let i = members.length - 1; i >= 0; i--) {
      const node = members[i] as PlanNode;
      if (node.op.kind !== "elementwise" || this.late[node.index] === 1 || node.shape.size === size) continue;
      let serves = false;
      let needed = false;
      for (let k = 0; k < node.users.length; k++) {
        const user = node.users[k] as PlanNode;
        if (!this.inside(user)) continue;
        if (user.op.kind === "elementwise" && this.late[user.index] === 1) serves = true;
        else needed = true;
      }
      // What nothing here uses and is neither an element nor a row has no other place.
      const other = node.shape.size !== this.rows || this.columns === 1;
      if (!needed && (serves || other)) this.late[node.index] = 1;
    }
  }

  /** Whether a reduction runs over the rows, so that it is complete after the last one. */
  private isTotal(node: PlanNode, size: number): boolean {
    const { outer, reduced, inner } = node.attr as ReduceAttribute;
    if (inner > 1) return true;
    if (outer > 1) return false;
    return !(this.rows === 1 && this.columns > 1 && reduced === size);
  }

  private roleOf(node: PlanNode, size: number): Role | null {
    switch (node.op.kind) {
      case "elementwise":
        return this.elementwiseRole(node, size);
      case "matmul":
        // A stage of its own, before the rest of the rows.
        if (node.inputs.some((input) => this.inside(input))) return null;
        return node.shape.size === size ? Role.Full : null;
      case "uniform":
        return node.shape.size === size ? Role.Full : null;
      case "reduce":
        return this.reduceRole(node, size);
      case "pick":
        return this.allows(node.inputs[0], Role.Full) &&
          this.allows(node.inputs[1], Role.Row) &&
          this.columns * node.shape.size === size
          ? this.rowRole()
          : null;
      case "place":
        return this.allows(node.inputs[0], this.rowRole()) &&
          this.allows(node.inputs[1], this.rowRole()) &&
          node.shape.size === size
          ? Role.Full
          : null;
      default:
        return null;
    }
  }

  /** With one column, a value per row is a value per element. */
  private rowRole(): Role {
    return this.columns === 1 ? Role.Full : Role.Row;
  }

  /** From outside, or inside with this role. */
  private allows(input: PlanNode | undefined, role: Role): boolean {
    return input !== undefined && (!this.inside(input) || this.roles[input.index] === role);
  }

  private elementwiseRole(node: PlanNode, size: number): Role | null {
    const { columns, rows } = this;
    const own = node.shape.size;
    if (this.late[node.index] === 1) {
      if (own !== 1 && own !== columns) return null;
      const fits = node.inputs.every((input, i) => {
        if (this.inside(input) && (this.roles[input.index] as Role) < Role.Accumulator) return false;
        return this.readsWhole(node, i);
      });
      return fits ? Role.Post : null;
    }
    if (own === size) {
      for (let i = 0; i < node.inputs.length; i++) {
        const input = node.inputs[i] as PlanNode;
        if (!this.inside(input)) continue;
        const { kind } = accessOf(node.views[i] as PlanNode["shape"], node.shape);
        const role = this.roles[input.index] as Role;
        const fits = role === Role.Full ? kind === "same" : kind === "row" || (rows === 1 && kind === "scalar");
        if (!fits) return null;
      }
      return Role.Full;
    }
    if (own !== rows || columns === 1) return null;
    const fits = node.inputs.every((input, i) => this.allows(input, Role.Row) && this.readsWhole(node, i));
    return fits ? Role.Row : null;
  }

  private readsWhole(node: PlanNode, i: number): boolean {
    const { kind } = accessOf(node.views[i] as PlanNode["shape"], node.shape);
    return kind === "same" || kind === "scalar";
  }

  private reduceRole(node: PlanNode, size: number): Role | null {
    const { outer, reduced, inner } = node.attr as ReduceAttribute;
    const { rows, columns } = this;
    const input = node.inputs[0] as PlanNode;
    if (!this.isTotal(node, size))
      return outer === rows && reduced === columns && this.allows(input, Role.Full) ? Role.Row : null;
    if (inner > 1)
      return reduced === rows && inner === columns && this.allows(input, Role.Full) ? Role.Accumulator : null;
    if (reduced === size) return this.allows(input, Role.Full) ? Role.Accumulator : null;
    return reduced === rows && this.allows(input, Role.Row) ? Role.Accumulator : null;
  }
}
