import type { MatmulAttribute } from "../ops/contract.js";
import type { ReduceAttribute } from "../ops/reduce.js";
import { accessOf } from "./access.js";
import type { PlanNode } from "./plan.js";

/** What a node is in a fused kernel over `rows x columns`. */
export enum Role {
  /** One value per element. */
  Full,
  /** One value per row. */
  Row,
  /** A sum over rows (or over everything): complete after the last row. */
  Accumulator,
  /** Arithmetic on accumulators, after the last row. */
  Post,
}

/** A set of nodes as one kernel. */
export interface Space {
  readonly rows: number;
  readonly columns: number;
  /** Role of each member, in the order of the members. */
  readonly roles: readonly Role[];
}

/** Longest row that a kernel keeps in registers as a whole. */
const longestRow = 65536;

/** Which reductions can be part of a fused kernel: along rows, over rows, or over everything. */
export function isFusableReduce(node: PlanNode): boolean {
  const { outer, reduced, inner } = node.attr as ReduceAttribute;
  if (outer * reduced * inner === 0) return false;
  return outer === 1 || (inner === 1 && reduced <= longestRow);
}

/** Whether a node can be part of a fused kernel at all. */
export function isFusable(node: PlanNode): boolean {
  switch (node.op.kind) {
    case "elementwise":
    case "uniform":
    case "pick":
    case "place":
      return true;
    case "matmul":
      return (node.attr as MatmulAttribute).k > 0;
    case "reduce":
      return isFusableReduce(node);
    default:
      return false;
  }
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

/** Finds out whether a set of nodes fits one kernel. Reused from call to call; `roles` is indexed by node. */
export class Classifier {
  private readonly roles: Int8Array;
  private readonly stamps: Int32Array;
  /** 1 for nodes that run after the last row. */
  private readonly late: Uint8Array;
  private stamp = 0;
  private rows = 1;
  private columns = 0;

  constructor(nodes: number) {
    this.roles = new Int8Array(nodes);
    this.stamps = new Int32Array(nodes);
    this.late = new Uint8Array(nodes);
  }

  /** The space of `members` (in topological order), or null when they do not fit together. */
  classify(members: readonly PlanNode[]): Space | null {
    this.stamp++;
    for (const node of members) this.stamps[node.index] = this.stamp;
    const size = this.pinColumns(members);
    if (size < 0) return null;
    if (this.columns > 0) return this.fit(members, size, this.columns);
    // Without a row structure everything is one flat axis, unless a total is used by the elements it was made of.
    return this.fit(members, size, 1) ?? (size <= longestRow ? this.fit(members, size, size) : null);
  }

  private inside(node: PlanNode): boolean {
    return this.stamps[node.index] === this.stamp;
  }

  /** Sets `columns` (0: nothing asks for rows) and gives the number of elements, or -1 for a contradiction. */
  private pinColumns(members: readonly PlanNode[]): number {
    this.columns = 0;
    let size = 1;
    let matmuls = 0;
    for (const node of members) {
      const { kind } = node.op;
      if (kind === "elementwise") {
        size = Math.max(size, node.shape.size);
        for (const view of node.views) {
          const access = accessOf(view, node.shape);
          if (access.kind === "general") return -1;
          if (access.columns > 0 && !this.pin(access.columns)) return -1;
        }
      } else if (kind === "reduce") {
        const { outer, reduced, inner } = node.attr as ReduceAttribute;
        size = Math.max(size, outer * reduced * inner);
        if (inner > 1 ? !this.pin(inner) : outer > 1 && !this.pin(reduced)) return -1;
      } else if (kind === "matmul") {
        if (++matmuls > 1 || node.inputs.some((input) => this.inside(input))) return -1;
        if (!this.pin((node.attr as MatmulAttribute).n)) return -1;
        size = Math.max(size, node.shape.size);
      } else if (kind === "pick" || kind === "place") {
        const row = kind === "pick" ? node.views[0] : node.shape;
        if (row === undefined || !this.pin(row.dims.at(-1) as number)) return -1;
        size = Math.max(size, row.size);
      } else size = Math.max(size, node.shape.size);
    }
    return size;
  }

  private pin(columns: number): boolean {
    if (this.columns === 0) this.columns = columns;
    return this.columns === columns;
  }

  private fit(members: readonly PlanNode[], size: number, columns: number): Space | null {
    if (size % columns !== 0) return null;
    this.rows = size / columns;
    this.columns = columns;
    this.findLate(members, size);
    const roles: Role[] = [];
    for (const node of members) {
      const role = this.roleOf(node, size);
      if (role === null) return null;
      this.roles[node.index] = role;
      roles.push(role);
    }
    // Values per row need whole rows at a time.
    if (
      columns > longestRow &&
      members.length > 1 &&
      members.some((node, i) => needsWholeRows(node, roles[i] as Role, size))
    )
      return null;
    return { rows: this.rows, columns, roles };
  }

  /** Marks what runs after the last row: what needs a total, and what only serves that. */
  private findLate(members: readonly PlanNode[], size: number): void {
    for (const node of members) {
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
      for (const user of node.users) {
        if (!this.inside(user)) continue;
        if (user.op.kind === "elementwise" && this.late[user.index] === 1) serves = true;
        else needed = true;
      }
      if (serves && !needed) this.late[node.index] = 1;
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
      case "uniform":
      case "matmul":
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
