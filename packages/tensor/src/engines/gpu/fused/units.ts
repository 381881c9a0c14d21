import type { MatmulAttribute } from "../../../ops/contract.js";
import type { PlanNode } from "../../../plan/plan.js";
import { isNumber } from "../../../plan/plan.js";
import type { Limits } from "../devices/device.js";
import { partition } from "../own/reduce-passes.js";
import { Domain } from "./domain.js";
import type { Layout } from "./layout.js";
import { costOf, mostStatements } from "./storing.js";

/** What becomes one pass: stored members over one domain, of which later ones use earlier ones where a thread has both. */
export interface Unit {
  readonly kind: "pass";
  readonly domain: Domain;
  readonly nodes: PlanNode[];
  /** Members of `nodes` that need an array; the others are used inside of the pass alone. */
  results: PlanNode[];
}

/** The partial results of a reduction, or a product with passes of its own. */
export interface Separate {
  readonly kind: "partial" | "own";
  readonly node: PlanNode;
}

/** The values that a pass reads or uses, and whether each thread uses its own element alone. */
type Needs = ReadonlyMap<PlanNode, boolean>;

/** Terms of a product that are worth a pass of their own for their sum. */
const leastTerms = 512;
/** What is worth computing for each element of a product at once with it. */
const mostEpilogue = 32;

/** The passes of a fused kernel, in order. */
export function unitsOf(layout: Layout, limits: Limits): (Unit | Separate)[] {
  return new Units(layout, limits).run();
}

class Units {
  private readonly units: (Unit | Separate)[] = [];
  /** Where a stored member is computed, and where the parts of a reduction are. */
  private readonly at = new Map<PlanNode, number>();
  private readonly partialAt = new Map<PlanNode, number>();
  /** Stored members that another pass reads, or other elements of which are read. */
  private readonly read = new Set<PlanNode>();
  private readonly needs = new Map<PlanNode, Needs>();

  constructor(
    private readonly layout: Layout,
    private readonly limits: Limits,
  ) {}

  run(): (Unit | Separate)[] {
    const { layout, units } = this;
    for (const node of layout.kernel.members) {
      const isPart = node.op.kind === "reduce" && layout.parts(node) > 1;
      if (isPart) this.addPartial(node);
      if (!layout.stored.has(node)) continue;
      if (node.op.kind === "matmul" && !isWhole(node)) {
        this.at.set(node, units.push({ kind: "own", node }) - 1);
        for (const input of node.inputs) this.read.add(input);
      } else this.place(node);
    }
    for (const unit of units)
      if (unit.kind === "pass")
        unit.results = unit.nodes.filter((node) => this.read.has(node) || this.layout.required.has(node));
    return units;
  }

  private addPartial(node: PlanNode): void {
    // The input is computed inside of the loop: every array below is read, at other elements.
    const needs = this.collect(node, this.layout.reduced(node), new Map());
    for (const need of needs.keys()) this.read.add(need);
    this.partialAt.set(node, this.units.push({ kind: "partial", node }) - 1);
  }

  private place(node: PlanNode): void {
    const { units, layout } = this;
    const domain = layout.domain(node);
    const needs = this.needsOf(node);
    let from = 0;
    for (const [need, own] of needs) {
      const at = this.positionOf(need, node);
      if (at === undefined) continue;
      const unit = units[at] as Unit | Separate;
      const joins = own && unit.kind === "pass" && unit.domain === domain && this.at.get(need) === at;
      from = Math.max(from, joins ? at : at + 1);
    }
    let index = units.length;
    if (node.op.kind !== "matmul")
      for (let i = from; i < units.length && index === units.length; i++)
        if (this.fits(node, domain, needs, units[i] as Unit | Separate)) index = i;
    if (index === units.length) units.push({ kind: "pass", domain, nodes: [], results: [] });
    (units[index] as Unit).nodes.push(node);
    this.at.set(node, index);
    for (const [need, own] of needs) if (!own || this.at.get(need) !== index) this.read.add(need);
  }

  /** Where what a member needs is computed: the parts of a reduction, or a stored member. */
  private positionOf(need: PlanNode, by: PlanNode): number | undefined {
    if (need === by || !this.layout.stored.has(need)) return this.partialAt.get(need);
    return this.at.get(need);
  }

  private fits(node: PlanNode, domain: Domain, needs: Needs, unit: Unit | Separate): boolean {
    if (unit.kind !== "pass" || unit.domain !== domain) return false;
    const { limits } = this;
    const product = unit.nodes.some(({ op }) => op.kind === "matmul");
    if (product && ![...needs].some(([need, own]) => own && unit.nodes.includes(need))) return false;
    const nodes = [...unit.nodes, node];
    const members = new Set<PlanNode>();
    const arrays = new Set<PlanNode>();
    for (const each of nodes)
      if (each.op.kind !== "matmul")
        for (const [need, own] of this.needsOf(each, members)) if (!own || !nodes.includes(need)) arrays.add(need);
    const factors = product ? 2 : 0;
    const cost = [...members].reduce((sum, each) => sum + costOf(each), 0);
    const results = nodes.filter((each) => each.op.kind !== "matmul" || !this.staysInside(each, nodes)).length;
    return (
      cost <= (product ? mostEpilogue : mostStatements) &&
      arrays.size + factors <= limits.arrays &&
      results <= limits.results &&
      arrays.size + factors + results <= limits.together
    );
  }

  /** Whether a value is used by these members alone, each thread its own; `through` is computed from it on the spot. */
  private staysInside(value: PlanNode, nodes: readonly PlanNode[], through = value): boolean {
    const { layout } = this;
    if (layout.required.has(through)) return false;
    return through.users.every((user) => {
      if (nodes.includes(user)) return this.needsOf(user).get(value) === true;
      const onTheSpot = layout.inside.has(user) && !layout.stored.has(user) && !this.partialAt.has(user);
      return onTheSpot && this.staysInside(value, nodes, user);
    });
  }

  /** The arrays that computing a stored member reads; `members` gets what is computed for it. */
  private needsOf(node: PlanNode, members?: Set<PlanNode>): Needs {
    let needs = members === undefined ? this.needs.get(node) : undefined;
    if (needs === undefined) {
      needs = this.collect(node, Domain.One, new Map(), members);
      this.needs.set(node, needs);
    }
    return needs;
  }

  /** `others` are the coordinates in which other elements than the thread's own are used. */
  private collect(
    node: PlanNode,
    others: Domain,
    needs: Map<PlanNode, boolean>,
    members: Set<PlanNode> = new Set(),
    domain = this.layout.domain(node),
  ): Needs {
    const { layout } = this;
    members.add(node);
    const add = (need: PlanNode, own: boolean): void => {
      needs.set(need, own && (needs.get(need) ?? true));
    };
    if (node.op.kind === "reduce" && this.partialAt.has(node)) {
      add(node, false);
      return needs;
    }
    node.inputs.forEach((input, i) => {
      if (isNumber(input)) return;
      if (node.op.kind === "matmul" || !layout.inside.has(input)) {
        add(input, false);
        return;
      }
      let below = others;
      if (node.op.kind === "reduce") below |= layout.reduced(node);
      if (node.op.kind === "pick" && i === 0) below |= Domain.Column;
      const of = layout.inputDomain(node, i);
      if (layout.stored.has(input)) add(input, of === domain && (of & below) === 0);
      else this.collect(input, below, needs, members, domain);
    });
    return needs;
  }
}

/** Whether a thread computes an element of a product alone. */
function isWhole({ attr, shape, inputs }: PlanNode): boolean {
  const { k } = attr as MatmulAttribute;
  return shape.size > 0 && k > 0 && !inputs.some(isNumber) && partition(k, shape.size, leastTerms).parts === 1;
}
