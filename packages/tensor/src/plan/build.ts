import type { DType } from "../dtype.js";
import type { Node, Op } from "../node.js";
import { copyOp } from "../ops/elementwise.js";
import { expandOp } from "../ops/movement.js";
import type { Shape } from "../shape.js";
import { accessOf } from "./access.js";
import type { Plan, PlanNode } from "./plan.js";
import { isNumber } from "./plan.js";
import type { Walk } from "./walk.js";

/** An input as its consumer sees it. */
interface View {
  readonly node: PlanNode;
  readonly shape: Shape;
}

/**
 * The plan of a walked graph: aliases become views, a broadcast read by an elementwise operation becomes a way of
 * reading, equal subexpressions become one node, and what nobody needs is left out.
 */
export function buildPlan(walk: Walk, sinks: readonly Node[], replaced: readonly (Node | null)[]): Plan {
  const views: View[] = [];
  const made: PlanNode[] = [];
  const leaves: PlanNode[] = [];
  const numberTypes: DType[] = walk.nodes.filter((node) => bindsNumber(node)).map((node) => node.dtype);
  const computed: PlanNode[] = [];
  const known = new Map<string, PlanNode>();

  let bound = 0;
  const make = (fields: Omit<PlanNode, "index" | "users" | "sink">): PlanNode => {
    const node: PlanNode = { ...fields, index: made.length, users: [], sink: false };
    made.push(node);
    return node;
  };

  /** Copies operands whose broadcast is not one value per row or column of one and the same row length. */
  const spell = (inputs: PlanNode[], shapes: Shape[], shape: Shape): void => {
    let columns = 0;
    for (let i = 0; i < inputs.length; i++) {
      const access = accessOf(shapes[i] as Shape, shape);
      if (access.kind !== "general" && (access.columns === 0 || columns === 0 || access.columns === columns)) {
        columns ||= access.columns;
        continue;
      }
      const [input, view] = [inputs[i] as PlanNode, shapes[i] as Shape];
      const key = `expand ${input.index}:${view.id}:${shape.id}`;
      const copied =
        known.get(key) ??
        make({ ...copyFields, op: expandOp, inputs: [input], views: [view], shape, dtype: input.dtype });
      known.set(key, copied);
      inputs[i] = copied;
      shapes[i] = shape;
    }
  };

  for (const source of walk.nodes) {
    const kind = source.value === null ? source.op.kind : "leaf";
    if (kind === "alias") {
      const { node } = views[(source.a as Node).position] as View;
      views.push({ node, shape: source.shape });
      continue;
    }
    const inputs: PlanNode[] = [];
    const shapes: Shape[] = [];
    if (kind !== "leaf")
      for (const input of [source.a, source.b, source.c]) {
        if (input === null) break;
        const view = throughExpand(views[input.position] as View, kind);
        inputs.push(view.node);
        shapes.push(view.shape);
      }
    if (kind === "elementwise") spell(inputs, shapes, source.shape);
    // Arithmetic between numbers is done once per run, in JavaScript.
    const arithmetic = kind === "elementwise" && source.shape.size === 1 && inputs.every(isNumber);
    const number = bindsNumber(source) ? bound++ : -1;
    const fields = {
      op: source.op,
      attr: source.attr,
      shape: source.shape,
      dtype: source.dtype,
      inputs,
      views: shapes,
      leaf: kind === "leaf" ? leaves.length : -1,
      number,
      literal: kind === "literal" ? source.num : 0,
    };
    let node: PlanNode | undefined;
    if (kind === "leaf") {
      node = make({ ...fields, op: leafLike });
      leaves.push(node);
    } else {
      // Two numbers are never the same, even when their values are; neither are two boxes, whose offsets are numbers.
      const offset = source.op.name === "slice" || source.op.name === "pad";
      const key =
        kind === "number" || offset
          ? null
          : `${source.op.id},${source.attr?.id ?? 0},${source.shape.id},${source.dtype},${Object.is(fields.literal, -0) ? "-0" : fields.literal}|${inputs
              .map((input, i) => `${input.index}:${(shapes[i] as Shape).id}`)
              .join()}`;
      node = key === null ? undefined : known.get(key);
      if (node === undefined) {
        node = make(arithmetic ? { ...fields, number: numberTypes.length + computed.length } : fields);
        if (arithmetic) computed.push(node);
        if (key !== null) known.set(key, node);
      }
    }
    views.push({ node, shape: source.shape });
  }

  const outputs: PlanNode[] = [];
  for (const sink of sinks) {
    const { node, shape } = views[sink.position] as View;
    const data = node.op.kind === "leaf" || isNumber(node);
    // An output needs a place of its own.
    const own =
      data || node.sink ? make({ ...copyFields, inputs: [node], views: [shape], shape, dtype: node.dtype }) : node;
    own.sink = true;
    outputs.push(own);
  }
  const taken = replaced.map((leaf) =>
    leaf !== null && walk.contains(leaf) ? (views[leaf.position] as View).node : null,
  );
  return finish(made, { leaves, numberTypes, computed, outputs, replaced: taken });
}

/** The walk lists a number for this node: see Walk.record. */
function bindsNumber(node: Node): boolean {
  return node.value === null && (node.op.kind === "number" || node.op.kind === "own");
}

const indexed = new Set(["pick", "place", "gather", "scatterAdd"]);
const alwaysInRange = new Set(["maxPoolIndex", "argsort"]);
const leafLike: Op = { name: "leaf", kind: "leaf", id: -1, vjp: [] };
const copyFields = { op: copyOp, attr: null, leaf: -1, number: -1, literal: 0 };

/** An elementwise consumer reads a broadcast where it comes from; placing reads one number for all rows. */
function throughExpand(view: View, consumer: string): View {
  let { node, shape } = view;
  if (consumer !== "elementwise" && consumer !== "place") return view;
  while (node.op.kind === "expand" && node.shape === shape) {
    shape = node.views[0] as Shape;
    node = node.inputs[0] as PlanNode;
  }
  return consumer === "elementwise" || shape.size === 1 ? { node, shape } : view;
}

function finish(made: PlanNode[], parts: Omit<Plan, "nodes" | "indexLeaves" | "computesIndices">): Plan {
  const needed = new Set<PlanNode>(parts.outputs);
  for (let i = made.length - 1; i >= 0; i--) {
    const node = made[i] as PlanNode;
    if (needed.has(node)) for (const input of node.inputs) needed.add(input);
  }
  const nodes = made.filter((node) => needed.has(node));
  nodes.forEach((node, i) => {
    node.index = i;
    for (const input of new Set(node.inputs)) input.users.push(node);
  });
  const indices = nodes.filter((node) => indexed.has(node.op.name)).map((node) => node.inputs[1] as PlanNode);
  return {
    nodes,
    ...parts,
    indexLeaves: indices.filter((index) => index.leaf >= 0),
    computesIndices: indices.some((index) => index.leaf < 0 && !alwaysInRange.has(index.op.name)),
  };
}
