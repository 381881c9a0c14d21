import type { DType, HostArray } from "../../dtype.js";
import type { MatmulAttribute } from "../../ops/contract.js";
import type { ElementwiseOp } from "../../ops/elementwise.js";
import type { ReduceAttribute, ReduceOp } from "../../ops/reduce.js";
import type { Plan, PlanNode } from "../../plan/plan.js";
import type { Shape } from "../../shape.js";
import { stridesOf } from "../../shape.js";
import type { Buffer, Engine, Runnable } from "../engine.js";
import { outOfRange } from "../faults.js";
import { randomUnit } from "../random-unit.js";
import { ownKernels } from "./own-kernels.js";
import type { Values } from "./values.js";
import { valuesOf } from "./values.js";

interface Held {
  values: Values;
}

/** The engine that defines what is right: plain loops in float64, one node after the other, no fusion, no dependency. */
export function referenceEngine(): Engine {
  const alive = new Set<Held>();
  let lost: string | null = null;
  return {
    name: "reference",
    get lost() {
      return lost;
    },
    allocate(dtype: DType, size: number): Buffer {
      const held = { values: valuesOf(dtype, size) };
      alive.add(held);
      return held;
    },
    free: (buffer) => void alive.delete(buffer as Held),
    write: (buffer, values) => (buffer as Held).values.set(values),
    read: (buffer) => (buffer as Held).values.slice() as HostArray,
    host: (dtype, size) => valuesOf(dtype, size) as HostArray,
    compile: (plan) => plan,
    run(runnable: Runnable, leaves, numbers, outputs): void {
      const plan = runnable as Plan;
      const results: Values[] = [];
      for (const node of plan.nodes) results.push(evaluate(node, results, leaves as Held[], numbers));
      plan.outputs.forEach((node, i) => {
        (outputs[i] as Held).values.set(results[node.index] as Values);
      });
    },
    overwrites: (runnable) => (runnable as Plan).outputs.map(() => true),
    kernelCount: (runnable) => (runnable as Plan).nodes.filter((node) => node.inputs.length > 0).length,
    release: () => {},
    memory() {
      let bytes = 0;
      for (const held of alive) bytes += held.values.byteLength;
      return { bytes, buffers: alive.size };
    },
    close() {
      lost = "it was closed";
      alive.clear();
    },
  };
}

function evaluate(
  node: PlanNode,
  results: readonly Values[],
  leaves: readonly Held[],
  numbers: readonly number[],
): Values {
  const inputs = node.inputs.map((input) => results[input.index] as Values);
  switch (node.op.kind) {
    case "leaf":
      return (leaves[node.leaf] as Held).values;
    case "number":
      return valuesOf(node.dtype, 1).fill(numbers[node.number] as number);
    case "literal":
      return valuesOf(node.dtype, 1).fill(node.literal);
    case "expand":
      return expand(inputs[0] as Values, node);
    case "elementwise":
      if (node.number >= 0) return valuesOf(node.dtype, 1).fill(numbers[node.number] as number);
      return elementwise(node, inputs);
    case "reduce":
      return reduce(node, inputs[0] as Values);
    case "matmul":
      return matmul(node, inputs[0] as Values, inputs[1] as Values);
    case "pick":
    case "place":
      return pickOrPlace(node, inputs[0] as Values, inputs[1] as Values);
    case "uniform":
      return uniform(node, inputs);
    default: {
      const kernel = ownKernels[node.op.name];
      if (kernel === undefined) throw new Error(`reference: no kernel for "${node.op.name}"`);
      return kernel(node, inputs, node.number < 0 ? 0 : (numbers[node.number] as number));
    }
  }
}

/** Where each element of a broadcast result is read from. */
function readingOrder(view: Shape, shape: Shape): Int32Array {
  const offsets = new Int32Array(shape.size);
  const strides = stridesOf(view.dims);
  let repeat = 1; // how many elements one step of the axis spans
  for (let axis = shape.rank - 1; axis >= 0; axis--) {
    const extent = shape.dims[axis] as number;
    const own = axis - (shape.rank - view.rank);
    const stride = own < 0 || view.dims[own] === 1 ? 0 : (strides[own] as number);
    if (stride > 0)
      for (let i = 0; i < offsets.length; i++)
        offsets[i] = (offsets[i] as number) + (Math.floor(i / repeat) % extent) * stride;
    repeat *= extent;
  }
  return offsets;
}

function expand(x: Values, node: PlanNode): Values {
  const out = valuesOf(node.dtype, node.shape.size);
  const from = readingOrder(node.views[0] as Shape, node.shape);
  for (let i = 0; i < out.length; i++) out[i] = x[from[i] as number] as number;
  return out;
}

function elementwise(node: PlanNode, inputs: readonly Values[]): Values {
  const op = node.op as ElementwiseOp;
  const integer = node.inputs.at(-1)?.dtype === "int32" && op.evaluateInt !== undefined;
  const evaluate = integer ? (op.evaluateInt as (x: number, y: number) => number) : op.evaluate;
  const out = valuesOf(node.dtype, node.shape.size);
  const orders = node.views.map((view) => (view.size === node.shape.size ? null : readingOrder(view, node.shape)));
  const [x, y, z] = inputs;
  const at = (values: Values | undefined, order: Int32Array | null | undefined, i: number): number =>
    values === undefined ? 0 : (values[order ? (order[i] as number) : i] as number);
  for (let i = 0; i < out.length; i++) out[i] = evaluate(at(x, orders[0], i), at(y, orders[1], i), at(z, orders[2], i));
  return out;
}

function reduce(node: PlanNode, x: Values): Values {
  const { outer, reduced, inner } = node.attr as ReduceAttribute;
  const { reduction } = node.op as ReduceOp;
  const out = valuesOf(node.dtype, node.shape.size);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      let total = reduction === "sum" ? 0 : reduction === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      for (let r = 0; r < reduced; r++) {
        const value = x[(o * reduced + r) * inner + i] as number;
        total =
          reduction === "sum" ? total + value : reduction === "max" ? Math.max(total, value) : Math.min(total, value);
      }
      out[o * inner + i] = total;
    }
  return out;
}

function matmul(node: PlanNode, a: Values, b: Values): Values {
  const { batch, m, n, k, transposeA, transposeB, batchA, batchB } = node.attr as MatmulAttribute;
  const out = new Float64Array(node.shape.size);
  for (let s = 0; s < batch; s++) {
    const a0 = batchA ? s * m * k : 0;
    const b0 = batchB ? s * k * n : 0;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let p = 0; p < k; p++)
          total +=
            (a[a0 + (transposeA ? p * m + i : i * k + p)] as number) *
            (b[b0 + (transposeB ? j * k + p : p * n + j)] as number);
        out[(s * m + i) * n + j] = total;
      }
  }
  return out;
}

function pickOrPlace(node: PlanNode, x: Values, index: Values): Values {
  const picking = node.op.kind === "pick";
  const row = (picking ? (node.views[0] as Shape) : node.shape).dims;
  const columns = row[row.length - 1] as number;
  const out = valuesOf(node.dtype, node.shape.size);
  for (let r = 0; r < index.length; r++) {
    const column = index[r] as number;
    if (column < 0 || column >= columns) throw outOfRange(node.op.name, column, r, columns);
    if (picking) out[r] = x[r * columns + column] as number;
    else out[r * columns + column] = x[x.length === 1 ? 0 : r] as number;
  }
  return out;
}

function uniform(node: PlanNode, keys: readonly Values[]): Values {
  const [k0, k1, k2] = keys.map((key) => key[0] as number) as [number, number, number];
  const out = new Float64Array(node.shape.size);
  for (let i = 0; i < out.length; i++) out[i] = randomUnit(i, k0, k1, k2);
  return out;
}
