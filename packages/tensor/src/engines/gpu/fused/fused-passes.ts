import type { FusedKernel } from "../../../plan/fuse.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { Limits, Product } from "../devices/device.js";
import type { OwnPasses, PassBuilder, Place } from "../pass.js";
import { extentOf } from "./domain.js";
import { KernelText } from "./kernel-text.js";
import { Layout } from "./layout.js";
import { checkExact, Point, quotient } from "./point.js";
import { productText } from "./product-text.js";
import { Reading } from "./reading.js";
import { coordinates } from "./reduction-text.js";
import { chooseStored } from "./storing.js";
import type { Unit } from "./units.js";
import { unitsOf } from "./units.js";

/** Adds the passes of a fused kernel: one for the arrays that a thread can fill together, and one for each set of partial results. */
export function addFused(
  kernel: FusedKernel,
  build: PassBuilder,
  limits: Limits,
  own: (node: PlanNode) => OwnPasses,
): void {
  const layout = new Layout(kernel);
  chooseStored(layout, limits.arrays);
  const partial = new Map<PlanNode, Place>();
  for (const unit of unitsOf(layout, limits))
    if (unit.kind === "own") own(unit.node)(unit.node, build);
    else if (unit.kind === "pass") addUnit(unit, layout, partial, build);
    else partial.set(unit.node, addPartial(unit.node, layout, build));
}

function addUnit(
  { domain, nodes, results }: Unit,
  layout: Layout,
  partial: ReadonlyMap<PlanNode, Place>,
  build: PassBuilder,
): void {
  const { kernel } = layout;
  const text = new KernelText(build);
  const point = new Point(text.body, kernel, coordinates(domain, "this.thread.x"), null);
  const reading = new Reading(layout, partial, text, build);
  let product: Product | undefined;
  const values = new Map<PlanNode, string>();
  for (const node of nodes) {
    let value: string;
    if (node.op.kind === "matmul") {
      const cost = nodes.length - 1;
      ({ value, product } = productText(node, text, build, cost));
    } else value = reading.compute(node, point);
    // Later members, and outputs, know a local.
    if (!/^v\d+$/.test(value)) value = text.body.keep(value);
    values.set(node, value);
    point.know(node, domain, value);
  }
  const size = (nodes[0] as PlanNode).shape.size;
  text.finish(
    results.map((node) => values.get(node) as string),
    size,
    results.map((node) => build.place(node)),
    product,
  );
}

/** The pass that reduces every `parts`-th term of each value of a reduction: `[parts, values]`. */
function addPartial(node: PlanNode, layout: Layout, build: PassBuilder): Place {
  const { kernel } = layout;
  const parts = layout.parts(node);
  const values = extentOf(layout.domain(node), kernel);
  const text = new KernelText(build);
  let first = "this.thread.x";
  let at = "0";
  if (values > 1) {
    checkExact(Math.max(values * parts, kernel.rows * kernel.columns));
    [first, at] = quotient(text.body, first, values);
  }
  const domain = layout.domain(node);
  const point = new Point(text.body, kernel, coordinates(domain, at), null);
  const value = new Reading(layout, new Map(), text, build).reducePart(node, point, first);
  const place = build.temporary(values * parts);
  text.finish([value], values * parts, [place]);
  return place;
}
