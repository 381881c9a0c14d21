import type { Kernel } from "../../plan/fuse.js";
import type { Plan, PlanNode } from "../../plan/plan.js";
import type { KernelSource, Limits } from "./devices/device.js";
import { addFused } from "./fused/fused-passes.js";
import { joinPasses } from "./join-passes.js";
import { keepTiles } from "./keep-tiles.js";
import { ownPasses } from "./own/own-passes.js";
import type { OwnPasses, Pass, PassBuilder, PassProgram, Place } from "./pass.js";
import { shareTemporaries } from "./temporaries.js";

/** The passes of a plan that was cut into these kernels. */
export function programOf(plan: Plan, kernels: readonly Kernel[], limits: Limits): PassProgram {
  const builder = new Builder(plan, limits);
  for (const kernel of kernels)
    if (kernel.kind === "own") passesOf(kernel.node)(kernel.node, builder);
    else addFused(kernel, builder, limits, passesOf);
  return builder.program();
}

function passesOf({ op }: PlanNode): OwnPasses {
  const passes = ownPasses[op.name];
  if (passes === undefined) throw new Error(`programOf: no passes for "${op.name}"`);
  return passes;
}

class Builder implements PassBuilder {
  private readonly passes: Pass[] = [];
  private readonly sizes: number[] = [];
  private readonly places = new Map<PlanNode, Place>();

  constructor(
    plan: Plan,
    private readonly limits: Limits,
  ) {
    plan.leaves.forEach((node, index) => this.places.set(node, { kind: "leaf", index }));
    plan.outputs.forEach((node, index) => this.places.set(node, { kind: "output", index }));
  }

  place(node: PlanNode): Place {
    let place = this.places.get(node);
    if (place === undefined) {
      place = this.temporary(node.shape.size);
      this.places.set(node, place);
    }
    return place;
  }

  temporary(size: number): Place {
    return { kind: "temporary", index: this.sizes.push(size) - 1 };
  }

  scalar(node: PlanNode): number {
    return node.number;
  }

  add(
    text: Omit<KernelSource, "arrays" | "scalars">,
    size: number,
    outputs: readonly Place[],
    inputs: readonly Place[],
    scalars: readonly number[] = [],
  ): void {
    const { elements } = this.limits;
    if (size > elements)
      throw new RangeError(
        `evaluate: "tensors" expected at most ${elements} elements on this device, got ${size}; use smaller batches, or the engine "cpu"`,
      );
    const source = { ...text, arrays: inputs.length, scalars: scalars.length };
    if (size > 0) this.passes.push({ source, size, outputs, inputs, scalars });
  }

  program(): PassProgram {
    const joined = joinPasses(this.passes, this.sizes, this.limits);
    return shareTemporaries(keepTiles(joined.passes, joined.sizes, this.limits));
  }
}
