import type { GatherAttribute } from "../../ops/indexing.js";
import type { Plan, PlanNode } from "../../plan/plan.js";
import type { Shape } from "../../shape.js";
import type { KernelSource } from "./devices/device.js";
import type { Gate } from "./job-queue.js";
import type { PassProgram } from "./pass.js";

/** Whose values are read as indices below `limit`. */
export interface IndexCheck {
  readonly leaf: number;
  readonly op: string;
  readonly limit: number;
}

/** A plan made ready for a device. */
export interface GpuProgram extends PassProgram {
  /** Opens when all kernels are compiled. */
  readonly built: Gate;
  /** Temporaries that no pass after this one uses, for each pass. */
  readonly freed: readonly (readonly number[])[];
  readonly checks: readonly IndexCheck[];
}

export function gpuProgram(plan: Plan, program: PassProgram): GpuProgram {
  const freed: number[][] = program.passes.map(() => []);
  const seen = new Set<number>();
  for (let i = program.passes.length - 1; i >= 0; i--) {
    const { inputs, outputs } = program.passes[i] as PassProgram["passes"][number];
    for (const { kind, index } of [...outputs, ...inputs])
      if (kind === "temporary" && !seen.has(index)) {
        seen.add(index);
        freed[i]?.push(index);
      }
  }
  return { ...program, built: { open: false }, freed, checks: plan.nodes.flatMap(checkOf) };
}

/** The kernels of a program, each once. */
export function sourcesOf({ passes }: PassProgram): KernelSource[] {
  return [...new Map(passes.map(({ source }) => [source.text, source])).values()];
}

/** A device answers for any index, so those that JavaScript knows are checked before a run. */
function checkOf({ op, attr, shape, inputs, views }: PlanNode): IndexCheck[] {
  const limit = limitOf(op.name, attr as GatherAttribute, shape, views[0]);
  const leaf = inputs[1]?.leaf ?? -1;
  return limit === null || leaf < 0 ? [] : [{ leaf, op: op.name, limit }];
}

function limitOf(name: string, attr: GatherAttribute, shape: Shape, source: Shape | undefined): number | null {
  switch (name) {
    case "pick":
      return source?.dims.at(-1) ?? 0;
    case "place":
      return shape.dims.at(-1) ?? 0;
    case "gather":
    case "scatterAdd":
      return attr.extent;
    default:
      return null;
  }
}
