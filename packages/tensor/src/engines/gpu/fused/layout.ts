import { accessOf } from "../../../plan/access.js";
import { addsRows, Role } from "../../../plan/classify.js";
import type { FusedKernel } from "../../../plan/fuse.js";
import { isStored } from "../../../plan/memory.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { Shape } from "../../../shape.js";
import { Domain, domainOf, extentOf, least, reducedOver } from "./domain.js";

/** Terms that one thread adds up; more are shared by threads whose partial results another thread joins. */
const mostTerms = 256;
/** With as many threads as this a longer loop per thread keeps the device as busy. */
const manyThreads = 4096;

/** What is known of a fused kernel's members: what they run over, how they read each other, and which get an array. */
export class Layout {
  readonly inside: ReadonlySet<PlanNode>;
  /** Members whose values others want from an array: outputs, and what other kernels read. */
  readonly required = new Set<PlanNode>();
  /** Members that are computed once, the required ones among them. */
  readonly stored = new Set<PlanNode>();
  private readonly roles: ReadonlyMap<PlanNode, Role>;

  constructor(readonly kernel: FusedKernel) {
    const { members, roles } = kernel;
    this.inside = new Set(members);
    this.roles = new Map(members.map((node, i) => [node, roles[i] as Role]));
    for (const node of members) {
      if (isStored(node, this.inside)) this.required.add(node);
      if (node.op.kind === "matmul" || this.required.has(node)) this.stored.add(node);
    }
  }

  /** What a member runs over. */
  domain(node: PlanNode): Domain {
    return domainOf(node, this.roles.get(node) as Role, this.kernel);
  }

  /** What input `i` of a member runs over. */
  inputDomain(node: PlanNode, i: number): Domain {
    const input = node.inputs[i] as PlanNode;
    if (this.inside.has(input)) return this.domain(input);
    const view = node.views[i] as Shape;
    const own = (domain: Domain): Domain => (view.size === 1 ? Domain.One : least(domain, this.kernel));
    switch (node.op.kind) {
      case "elementwise": {
        const { kind } = accessOf(view, node.shape);
        if (kind === "same") return this.domain(node);
        return kind === "row" ? own(Domain.Row) : kind === "column" ? own(Domain.Column) : Domain.One;
      }
      case "reduce":
        return own(this.addsRowValues(node) ? Domain.Row : Domain.Full);
      case "pick":
        return own(i === 0 ? Domain.Full : Domain.Row);
      case "place":
        return own(Domain.Row);
      default:
        return Domain.One;
    }
  }

  /** What a reduction runs over. */
  reduced(node: PlanNode): Domain {
    return reducedOver(node, this.roles.get(node) as Role, this.kernel);
  }

  /** Terms of a reduction. */
  terms(node: PlanNode): number {
    return extentOf(this.reduced(node), this.kernel);
  }

  /** Into how many partial results a reduction is cut; 1: none. */
  parts(node: PlanNode): number {
    const terms = this.terms(node);
    if (terms <= mostTerms || (node.shape.size >= manyThreads && terms <= manyThreads)) return 1;
    return Math.min(1024, 2 ** Math.round(Math.log2(terms) / 2));
  }

  private addsRowValues(node: PlanNode): boolean {
    return this.roles.get(node) !== Role.Row && addsRows(node, this.kernel.rows * this.kernel.columns);
  }
}
