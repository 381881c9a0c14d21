import { addsRows, Role } from "../../../plan/classify.js";
import type { FusedKernel } from "../../../plan/fuse.js";
import type { PlanNode } from "../../../plan/plan.js";

/** What the values of a node run over, in a kernel over rows x columns. Where there is one row, or one column, the least. */
export enum Domain {
  One,
  Row,
  Column,
  Full,
}

/** Rows and columns of a kernel. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** The least domain with the same elements. */
export function least(domain: Domain, { rows, columns }: Grid): Domain {
  const byRow = (domain === Domain.Row || domain === Domain.Full) && rows > 1;
  const byColumn = (domain === Domain.Column || domain === Domain.Full) && columns > 1;
  return byRow ? (byColumn ? Domain.Full : Domain.Row) : byColumn ? Domain.Column : Domain.One;
}

export function domainOf(node: PlanNode, role: Role, grid: Grid): Domain {
  if (role === Role.Full) return least(Domain.Full, grid);
  if (role === Role.Row) return least(Domain.Row, grid);
  return node.shape.size === 1 ? Domain.One : least(Domain.Column, grid);
}

/** Elements of a domain. */
export function extentOf(domain: Domain, { rows, columns }: Grid): number {
  return (domain & Domain.Row ? rows : 1) * (domain & Domain.Column ? columns : 1);
}

/** What a reduction of a kernel runs over; its input has a value for each of these and of what the result runs over. */
export function reducedOver(node: PlanNode, role: Role, kernel: FusedKernel): Domain {
  const size = kernel.rows * kernel.columns;
  if (role === Role.Row) return least(Domain.Column, kernel);
  if (node.shape.size > 1 || addsRows(node, size)) return least(Domain.Row, kernel);
  return least(Domain.Full, kernel);
}
