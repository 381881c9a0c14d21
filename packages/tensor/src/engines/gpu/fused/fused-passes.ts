import type { FusedKernel } from "../../../plan/fuse.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { OwnPasses, PassBuilder, Place } from "../pass.js";
import { extentOf } from "./domain.js";
import { KernelText } from "./kernel-text.js";
import { Layout } from "./layout.js";
import { checkExact, Point, quotient } from "./point.js";
import { Reading } from "./reading.js";
import { coordinates } from "./reduction-text.js";
import { chooseStored } from "./storing.js";

/** Adds the passes of a fused kernel: one for each array that it fills, and one for each set of partial results. */
export function addFused(
  kernel: FusedKernel,
  build: PassBuilder,
  mostArrays: number,
  own: (node: PlanNode) => OwnPasses,
): void {
  const layout = new Layout(kernel);
  chooseStored(layout, mostArrays);
  const partial = new Map<PlanNode, Place>();
  for (const node of kernel.members) {
    if (node.op.kind === "matmul") {
      own(node)(node, build);
      continue;
    }
    if (node.op.kind === "reduce" && layout.parts(node) > 1) partial.set(node, addPartial(node, layout, build));
    if (!layout.stored.has(node)) continue;
    const text = new KernelText(build);
    const domain = layout.domain(node);
    const point = new Point(text.body, kernel, coordinates(domain, "this.thread.x"), null);
    const value = new Reading(layout, partial, text, build).compute(node, point);
    text.finish(value, node.shape.size, build.place(node));
  }
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
  text.finish(value, values * parts, place);
  return place;
}
