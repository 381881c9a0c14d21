// Programs for tests of the runtime: one pass for each node, no fusion, only the operations that those tests use.
import type { ProgramOf } from "../src/engines/gpu/gpu-engine.js";
import type { Pass, Place } from "../src/engines/gpu/pass.js";
import type { MatmulAttribute } from "../src/ops/contract.js";
import type { ReduceAttribute, ReduceOp } from "../src/ops/reduce.js";
import type { PlanNode } from "../src/plan/plan.js";
import { isNumber } from "../src/plan/plan.js";
import type { Shape } from "../src/shape.js";
import { stridesOf } from "../src/shape.js";

/** Elementwise operations as text. */
const formulas: Readonly<Record<string, (x: string, y: string, z: string) => string>> = {
  add: (x, y) => `${x} + ${y}`,
  sub: (x, y) => `${x} - ${y}`,
  mul: (x, y) => `${x} * ${y}`,
  div: (x, y) => `${x} / ${y}`,
  neg: (x) => `-${x}`,
  abs: (x) => `Math.abs(${x})`,
  sign: (x) => `Math.sign(${x})`,
  exp: (x) => `Math.exp(${x})`,
  log: (x) => `Math.log(${x})`,
  sqrt: (x) => `Math.sqrt(${x})`,
  relu: (x) => `Math.max(${x}, 0)`,
  copy: (x) => x,
  toFloat: (x) => x,
  toInt: (x) => `Math.trunc(${x})`,
  equal: (x, y) => `${x} === ${y} ? 1 : 0`,
  less: (x, y) => `${x} < ${y} ? 1 : 0`,
  where: (x, y, z) => `${x} !== 0 ? ${y} : ${z}`,
};

/** Where element `x` of a result of `shape` is read from in an operand that broadcasts to it. */
function position(view: Shape, shape: Shape): string {
  const strides = stridesOf(view.dims);
  const terms: string[] = [];
  let repeat = 1;
  for (let axis = shape.rank - 1; axis >= 0; axis--) {
    const extent = shape.dims[axis] as number;
    const own = axis - (shape.rank - view.rank);
    if (own >= 0 && view.dims[own] !== 1) terms.push(`Math.floor(x / ${repeat}) % ${extent} * ${strides[own]}`);
    repeat *= extent;
  }
  return terms.join(" + ") || "0";
}

function bodyOf(node: PlanNode, operand: (input: number, at: string) => string): string {
  const at = (input: number): string => {
    const view = node.views[input];
    return view === undefined ? "0" : operand(input, position(view, node.shape));
  };
  switch (node.op.kind) {
    case "elementwise":
      return `return ${formulas[node.op.name]?.(`(${at(0)})`, `(${at(1)})`, `(${at(2)})`)};`;
    case "expand":
      return `return ${at(0)};`;
    case "reduce": {
      const { reduced, inner } = node.attr as ReduceAttribute;
      const { reduction } = node.op as ReduceOp;
      const item = operand(0, `(Math.floor(x / ${inner}) * ${reduced} + r) * ${inner} + x % ${inner}`);
      const next = reduction === "sum" ? `t + ${item}` : `Math.${reduction}(t, ${item})`;
      const first = reduction === "sum" ? "0" : reduction === "max" ? "-Infinity" : "Infinity";
      return `let t = ${first}; for (let r = 0; r < ${reduced}; r++) t = ${next}; return t;`;
    }
    case "matmul": {
      const { m, n, k, transposeA, transposeB } = node.attr as MatmulAttribute;
      const [i, j] = [`Math.floor(x / ${n})`, `x % ${n}`];
      const a = operand(0, transposeA ? `p * ${m} + ${i}` : `${i} * ${k} + p`);
      const b = operand(1, transposeB ? `${j} * ${k} + p` : `p * ${n} + ${j}`);
      return `let t = 0; for (let p = 0; p < ${k}; p++) t += ${a} * ${b}; return t;`;
    }
    case "pick": {
      const columns = (node.views[0] as Shape).dims.at(-1);
      return `return ${operand(0, `x * ${columns} + ${operand(1, "x")}`)};`;
    }
    case "place": {
      const columns = node.shape.dims.at(-1);
      const row = `Math.floor(x / ${columns})`;
      const value = operand(0, node.inputs[0]?.shape.size === 1 ? "0" : row);
      return `return x % ${columns} === ${operand(1, row)} ? ${value} : 0;`;
    }
    default:
      throw new Error(`plain program: no kernel for "${node.op.name}"`);
  }
}

export const plainProgram: ProgramOf = (plan) => {
  const passes: Pass[] = [];
  const temporaries: number[] = [];
  const places = new Map<PlanNode, Place>();
  for (const node of plan.leaves) places.set(node, { kind: "leaf", index: node.leaf });
  plan.outputs.forEach((node, index) => {
    places.set(node, { kind: "output", index });
  });
  for (const node of plan.nodes) {
    if (node.op.kind === "leaf" || isNumber(node) || node.shape.size === 0) continue;
    const inputs: Place[] = [];
    const scalars: number[] = [];
    const operand = (input: number, at: string): string => {
      const source = node.inputs[input] as PlanNode;
      if (!isNumber(source)) {
        const place = places.get(source) as Place;
        if (!inputs.includes(place)) inputs.push(place);
        return `a${inputs.indexOf(place)}[${at}]`;
      }
      if (source.number < 0) return String(source.literal);
      if (!scalars.includes(source.number)) scalars.push(source.number);
      return `s${scalars.indexOf(source.number)}`;
    };
    const body = bodyOf(node, operand);
    if (!places.has(node)) places.set(node, { kind: "temporary", index: temporaries.push(node.shape.size) - 1 });
    const args = [...inputs.map((_, i) => `a${i}`), ...scalars.map((_, i) => `s${i}`)];
    passes.push({
      source: {
        text: `function(${args}){ const x = this.thread.x; ${body} }`,
        arrays: inputs.length,
        scalars: scalars.length,
      },
      size: node.shape.size,
      outputs: [places.get(node) as Place],
      inputs,
      scalars,
    });
  }
  return { passes, temporaries };
};
