import { accessOf } from "../../plan/access.js";
import { Role } from "../../plan/classify.js";
import type { FusedKernel, Kernel } from "../../plan/fuse.js";
import type { Plan, PlanNode } from "../../plan/plan.js";
import type { Shape } from "../../shape.js";

/**
 * Outputs that may take the memory of the leaf that they replace: nothing reads the leaf in a later kernel, and in its own
 * kernel each element is read for the element that takes its place, and for no other.
 */
export function replacements(plan: Plan, kernels: readonly Kernel[]): ReadonlyMap<PlanNode, PlanNode> {
  const stepOf = new Map<PlanNode, number>();
  kernels.forEach((kernel, step) => {
    for (const node of kernel.kind === "own" ? [kernel.node] : kernel.members) stepOf.set(node, step);
  });
  const found = new Map<PlanNode, PlanNode>();
  plan.outputs.forEach((output, i) => {
    const leaf = plan.replaced[i] ?? null;
    const step = stepOf.get(output);
    const kernel = step === undefined ? undefined : kernels[step];
    if (leaf === null || leaf === undefined || kernel?.kind !== "fused" || output.op.kind !== "elementwise") return;
    const role = roleIn(kernel, output);
    if (role !== Role.Full && role !== Role.Post) return;
    const safe = leaf.users.every((user) => {
      const when = stepOf.get(user) ?? 0;
      if (when !== step) return when < (step as number);
      return user.op.kind === "elementwise" && roleIn(kernel, user) === role && readsInStep(user, leaf);
    });
    if (safe) found.set(output, leaf);
  });
  return found;
}

const roleIn = (kernel: FusedKernel, node: PlanNode): Role => kernel.roles[kernel.members.indexOf(node)] as Role;

/** Whether a node reads a leaf only element for element. */
function readsInStep(node: PlanNode, leaf: PlanNode): boolean {
  return node.inputs.every(
    (input, i) => input !== leaf || accessOf(node.views[i] as Shape, node.shape).kind === "same",
  );
}
