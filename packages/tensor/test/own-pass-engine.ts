// An engine that runs the passes of own kernels as JavaScript, for tests: every other node is the reference engine's.
import type { DType, HostArray } from "../src/dtype.js";
import type { Buffer, Engine } from "../src/engines/engine.js";
import { ownPasses } from "../src/engines/gpu/own/own-passes.js";
import type { PassBuilder, Place } from "../src/engines/gpu/pass.js";
import { referenceEngine } from "../src/engines/reference/reference.js";
import type { Plan, PlanNode } from "../src/plan/plan.js";
import { runNumbers } from "../src/plan/plan.js";

/** One pass that ran: its text, its threads and how many arrays it read. */
export interface RanPass {
  readonly op: string;
  readonly text: string;
  readonly size: number;
  readonly arrays: number;
}

type Thread = (this: { thread: { x: number } }, ...args: unknown[]) => number;

/** How the text of a kernel becomes a function; tests may spoil it. */
export type Compile = (text: string) => Thread;
export const compileText: Compile = (text) => new Function(`return (${text})`)() as Thread;

/** Notes every pass in `ran`. */
export function ownPassEngine(ran: RanPass[], compile: Compile = compileText): Engine {
  const engine = referenceEngine();
  const compiled = new Map<string, Thread>();
  const known = (text: string): Thread => {
    const thread = compiled.get(text) ?? compile(text);
    compiled.set(text, thread);
    return thread;
  };

  /** The values of one node, from those of its inputs. */
  const runPasses = (node: PlanNode, values: readonly HostArray[], numbers: readonly number[]): HostArray => {
    const arrays: Float32Array[] = [];
    const places = new Map<PlanNode, Place>();
    const put = (array: Float32Array): Place => ({ kind: "temporary", index: arrays.push(array) - 1 });
    const build: PassBuilder = {
      place(asked) {
        const place =
          places.get(asked) ??
          put(
            asked === node
              ? new Float32Array(node.shape.size).fill(Number.NaN)
              : Float32Array.from(values[asked.index] as HostArray),
          );
        places.set(asked, place);
        return place;
      },
      temporary: (size) => put(new Float32Array(size).fill(Number.NaN)),
      scalar(asked) {
        if (asked.number < 0) throw new Error(`scalar: ${asked.op.name} has no number`);
        return asked.number;
      },
      add({ text }, size, [output], inputs, scalars = []) {
        ran.push({ op: node.op.name, text, size, arrays: inputs.length });
        const target = arrays[(output as Place).index] as Float32Array;
        const read = inputs.map(({ index }) => arrays[index] as Float32Array);
        if (read.includes(target)) throw new Error(`${node.op.name}: a pass reads its output`);
        if (size > target.length) throw new Error(`${node.op.name}: ${size} threads for ${target.length} elements`);
        const args = [...read, ...scalars.map((index) => Math.fround(numbers[index] as number))];
        const thread = known(text);
        for (let x = 0; x < size; x++) {
          const value = thread.apply({ thread: { x } }, args);
          if (typeof value !== "number") throw new Error(`${node.op.name}: thread ${x} returned ${value}`);
          target[x] = value;
        }
      },
    };
    ownPasses[node.op.name]?.(node, build);
    return arrays[(places.get(node) as Place).index] as Float32Array;
  };

  /** A node that holds values, in the place of the one that computed them. */
  const leafOf = (node: PlanNode, leaf: number): PlanNode => ({ ...node, op: { ...node.op, kind: "leaf" }, leaf });
  const runReference = (
    plan: Plan,
    node: PlanNode,
    values: readonly HostArray[],
    bound: readonly number[],
  ): HostArray => {
    const nodes = plan.nodes.slice(0, node.index).map((each, i) => leafOf(each, i));
    const buffers = nodes.map(({ dtype }, i) => {
      const buffer = engine.allocate(dtype, (values[i] as HostArray).length);
      engine.write(buffer, values[i] as HostArray);
      return buffer;
    });
    const output = engine.allocate(node.dtype, node.shape.size);
    engine.run({ ...plan, nodes: [...nodes, node], outputs: [node] }, buffers, bound, [output]);
    for (const buffer of buffers) engine.free(buffer);
    return engine.read(output, node.dtype, node.shape.size);
  };

  return {
    ...engine,
    name: "own passes",
    get lost() {
      return engine.lost;
    },
    run(runnable, leaves, bound, outputs: readonly Buffer[]) {
      const plan = runnable as Plan;
      const numbers = runNumbers(plan, bound);
      const values: HostArray[] = [];
      for (const node of plan.nodes) {
        const passes = Object.hasOwn(ownPasses, node.op.name) && node.shape.size > 0;
        const leaf = node.op.kind === "leaf";
        values.push(
          leaf
            ? engine.read(leaves[node.leaf] as Buffer, node.dtype, node.shape.size)
            : passes
              ? asHost(node.dtype, runPasses(node, values, numbers))
              : runReference(plan, node, values, numbers),
        );
      }
      plan.outputs.forEach((node, i) => {
        engine.write(outputs[i] as Buffer, values[node.index] as HostArray);
      });
    },
    overwrites: (runnable) => (runnable as Plan).outputs.map(() => false),
  };
}

function asHost(dtype: DType, values: HostArray): HostArray {
  return dtype === "int32" ? Int32Array.from(values) : (Float64Array.from(values) as unknown as HostArray);
}
