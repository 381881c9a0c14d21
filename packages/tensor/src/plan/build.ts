import type { DType } from "../dtype.js";
import type { Node, Op } from "../node.js";
import { copyOp } from "../ops/elementwise.js";
import { expandOp } from "../ops/movement.js";
import type { Shape } from "../shape.js";
import { accessOf } from "./access.js";
import { agree } from "./demand.js";
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
  const keep = (node: PlanNode): PlanNode => {
    node.index = made.length;
    made.push(node);
    return node;
  };
  /** The node, or the one that computes the same and is there already. */
  const unify = (node: PlanNode): PlanNode => {
    const key = keyOf(node);
    const equal = known.get(key) ?? keep(node);
    known.set(key, equal);
    return equal;
  };

  /** Copies operands whose broadcast is not one value per row or column of one and the same row length. */
  const spell = (inputs: PlanNode[], shapes: Shape[], shape: Shape): void => {
    let columns = 0;
    for (let i = 0; i < inputs.length; i++) {
      const access = accessOf(shapes[i] as Shape, shape);
      if (access.kind !== "general" && agree(columns, access.columns)) {
        columns ||= access.columns;
        continue;
      }
      inputs[i] = unify(copyOf(expandOp, inputs[i] as PlanNode, shapes[i] as Shape, shape));
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
    const { op, attr, shape, dtype } = source;
    const node: PlanNode = {
      index: -1,
      op: kind === "leaf" ? leafLike : op,
      attr,
      shape,
      dtype,
      inputs,
      views: shapes,
      leaf: kind === "leaf" ? leaves.length : -1,
      number: arithmetic ? numberTypes.length + computed.length : number,
      literal: kind === "literal" ? source.num : 0,
      users: [],
      sink: false,
    };
    // Leaves and numbers are never the same, even when their values are; neither are two boxes, whose offsets are numbers.
    const unique = kind === "leaf" || kind === "number" || op.name === "slice" || op.name === "pad";
    const kept = unique ? keep(node) : unify(node);
    if (kind === "leaf") leaves.push(node);
    if (arithmetic && kept === node) computed.push(node);
    views.push({ node: kept, shape });
  }

  const outputs: PlanNode[] = [];
  for (const sink of sinks) {
    const { node, shape } = views[sink.position] as View;
    const data = node.op.kind === "leaf" || isNumber(node);
    // An output needs a place of its own.
    const own = data || node.sink ? keep(copyOf(copyOp, node, shape, shape)) : node;
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

function copyOf(op: Op, input: PlanNode, view: Shape, shape: Shape): PlanNode {
  const { dtype } = input;
  const none = { index: -1, attr: null, leaf: -1, number: -1, literal: 0, sink: false };
  return { ...none, op, shape, dtype, inputs: [input], views: [view], users: [] };
}

/** The same for equal computations. */
function keyOf({ op, attr, shape, dtype, literal, inputs, views }: PlanNode): string {
  let key = `${op.id},${attr?.id},${shape.id},${dtype},${Object.is(literal, -0) ? "-0" : literal}`;
  for (let i = 0; i < inputs.length; i++) key += `,${(inputs[i] as PlanNode).index}:${(views[i] as Shape).id}`;
  return key;
}

/** An elementwise consumer reads a broadcast where it comes from; placing reads one number for all rows. */
function throughExpand(view: View, consumer: string): View {
  if (view.node.op.kind !== "expand" || (consumer !== "elementwise" && consumer !== "place")) return view;
  let { node, shape } = view;
  while (node.op.kind === "expand" && node.shape === shape) {
    shape = node.views[0] as Shape;
    node = node.inputs[0] as PlanNode;
  }
  return consumer === "elementwise" || shape.size === 1 ? { node, shape } : view;
}

function finish(made: PlanNode[], parts: Omit<Plan, "nodes" | "indexLeaves" | "computesIndices">): Plan {
  const needed = new Uint8Array(made.length);
  for (const output of parts.outputs) needed[output.index] = 1;
  for (let i = made.length - 1; i >= 0; i--)
    if (needed[i] === 1) for (const input of (made[i] as PlanNode).inputs) needed[input.index] = 1;
  const nodes = made.filter((node) => needed[node.index] === 1);
  nodes.forEach((node, i) => {
    node.index = i;
    for (const { users } of node.inputs) if (users.at(-1) !== node) users.push(node);
  });
  const indices = nodes.filter((node) => indexed.has(node.op.name)).map((node) => node.inputs[1] as PlanNode);
  return {
    nodes,
    ...parts,
    indexLeaves: indices.filter((index) => index.leaf >= 0),
    computesIndices: indices.some((index) => index.leaf < 0 && !alwaysInRange.has(index.op.name)),
  };
}
