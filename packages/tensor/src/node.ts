import type { DType, HostArray } from "./dtype.js";
import type { Shape } from "./shape.js";
import { scalarShape } from "./shape.js";

/** How the planner and the engines treat an operation. */
export type OpKind =
  | "leaf" // data: from JavaScript, or a version of a cell
  | "number" // a number that came through an argument: an input of the plan, never part of its key
  | "literal" // a number of a formula: part of the key
  | "alias" // the same elements under another shape, or cut from differentiation
  | "expand" // numpy broadcasting to a larger shape
  | "elementwise"
  | "reduce"
  | "matmul"
  | "pick" // one entry per row of the last axis
  | "place" // one entry per row, zeros elsewhere
  | "uniform" // random numbers
  | "own"; // a kernel of its own, never fused

/**
 * Gradient with respect to one input, given the gradient `g` of the node. `g` may be smaller than the node (it broadcasts to
 * it). Null: the rule of an earlier place, which has the same input, gave all of it.
 */
export type Vjp = (g: Node, node: Node) => Node | null;

/** One primitive. */
export interface Op {
  readonly name: string;
  readonly kind: OpKind;
  readonly id: number;
  /** One gradient rule per input; null where the input has none. */
  readonly vjp: readonly (Vjp | null)[];
}

let nextOp = 0;

/**
 * Registers a primitive: gives the row its number. All are made here, because reading objects of one form is faster. Calls
 * for primitives that many programs never use are marked as pure, so that bundlers leave them out.
 */
export function defineOp({ name, kind, vjp }: Omit<Op, "id">): Op {
  return { name, kind, vjp, id: nextOp++ };
}

/** Structural arguments of an operation (axes, strides, flags), interned: equal arguments are the same object. */
export interface Attribute {
  readonly id: number;
}

/** A number, which is no structure: its id is that of no attribute. */
export interface NumberAttribute extends Attribute {
  readonly num: number;
}
export const numberAttribute = (num: number): NumberAttribute => ({ id: 0, num });

const attributes = new Map<string, Attribute>();

/** The interned attribute with these fields; `name` keeps kinds apart. */
export function attribute<T extends object>(name: string, fields: T): T & Attribute {
  const key = name + JSON.stringify(fields);
  let found = attributes.get(key) as (T & Attribute) | undefined;
  if (found === undefined) {
    found = { id: attributes.size + 1, ...fields };
    attributes.set(key, found);
  }
  return found;
}

/**
 * What a leaf or an evaluated node holds. Either `host` is set (a JavaScript array, owned by the collector) or `buffer`
 * is (device memory owned by a cell, or by the runtime of an asynchronous engine, which then may set both); both null
 * means that the value is gone, and `gone` says why.
 */
export class Value {
  host: HostArray | null;
  buffer: object | null;
  /** The upload of `host` that the engine keeps for a while, see engines/uploads. */
  upload: object | null = null;
  gone: (() => string) | null = null;
  /** Number of the last walk that met this value. */
  met = 0;
  constructor(host: HostArray | null, buffer: object | null) {
    this.host = host;
    this.buffer = buffer;
  }
}

/** What the lints know about where values came from. */
export const Tag = { none: 0, softmax: 1, logProbability: 2, sigmoid: 3 } as const;

/** The part of a parameter that the graph needs to see: who a leaf belongs to and whether it is still the current version. */
export interface CellRef {
  readonly name: string;
  readonly trainable: boolean;
  current: Node;
}

/** One node of the lazy graph. One class, one constructor, all fields set there in one order: creation is the hot path. */
export class Node {
  /** Values: null until evaluated. */
  value: Value | null = null;
  /** The cell of which this leaf is a version. */
  cell: CellRef | null = null;
  /** Number of writes to cells when this node was last known to read no overwritten version. */
  born: number;
  /** Scratch of walks: `mark` is an epoch, `position` an index into the walk's arrays. */
  mark = 0;
  position = 0;
  cotangent: Node | null = null;
  /** Evaluated because a version below it was overwritten: its value stays right, its gradient is lost. */
  frozen = false;
  tag = 0;
  constructor(
    readonly op: Op,
    public a: Node | null,
    public b: Node | null,
    public c: Node | null,
    readonly shape: Shape,
    readonly dtype: DType,
    readonly attr: Attribute | null,
    /** A gradient can flow through this node. */
    public tracked: boolean,
    /** Unevaluated nodes below, along the longest path. */
    readonly depth: number,
  ) {
    this.born = state.writes;
  }

  /** The number of a number, a literal, or of an operation with one dynamic argument (the offset of a slice); else 0. */
  get num(): number {
    return (this.attr as NumberAttribute | null)?.num ?? 0;
  }
}

/** State of graph building; `settle` is set by the runtime, which lies above this file. */
export const state = {
  /** Writes to cells so far. */
  writes: 0,
  recording: true,
  epoch: 0,
  /** Called with an unevaluated input that was made before the last write, see runtime/settle. */
  settle: (_node: Node): void => {},
  /** Called with a new node on top of a very deep unevaluated chain. */
  tooDeep: (_node: Node): void => {},
};

/** Longest chain of unevaluated operations that needs no gradient; a longer one is evaluated on the way. */
const depthLimit = 4000;

/** A new node; inputs made before the last write are settled first, so that a graph never spans a write. */
export function makeNode(
  op: Op,
  a: Node | null,
  b: Node | null,
  c: Node | null,
  shape: Shape,
  dtype: DType,
  attr: Attribute | null = null,
): Node {
  const depth = below(c, below(b, below(a, 0)));
  const leads = a?.tracked || b?.tracked || c?.tracked;
  const tracked = leads === true && dtype === "float32" && state.recording;
  const node = new Node(op, a, b, c, shape, dtype, attr, tracked, depth + 1);
  if (depth > depthLimit && !tracked) state.tooDeep(node);
  return node;
}

/** The larger of `depth` and that of an unevaluated input, once that is settled. */
function below(input: Node | null, depth: number): number {
  if (input === null || input.value !== null) return depth;
  if (input.born !== state.writes) state.settle(input);
  return input.value === null && input.depth > depth ? input.depth : depth;
}

const leafOp = defineOp({ name: "leaf", kind: "leaf", vjp: [] });
const numberOp = defineOp({ name: "number", kind: "number", vjp: [] });
const literalOp = defineOp({ name: "literal", kind: "literal", vjp: [] });

/** A leaf that holds values. */
export function leaf(shape: Shape, dtype: DType, value: Value): Node {
  const node = new Node(leafOp, null, null, null, shape, dtype, null, false, 0);
  node.value = value;
  return node;
}

/** A number from an argument: an input slot of the plan. */
export function numberNode(value: number, dtype: DType = "float32"): Node {
  return new Node(numberOp, null, null, null, scalarShape, dtype, numberAttribute(value), false, 0);
}

const literals: Readonly<Record<DType, Map<number | string, Node>>> = {
  float32: new Map(),
  int32: new Map(),
  bool: new Map(),
};

/** A constant of a formula; part of the plan's key. Interned, and the table is bounded: a forgotten literal is just made again. */
export function literal(value: number, dtype: DType = "float32"): Node {
  // A map takes -0 for 0.
  const key = Object.is(value, -0) ? "-0" : value;
  const known = literals[dtype];
  let node = known.get(key);
  if (node === undefined) {
    if (known.size > 4096) known.clear();
    node = new Node(literalOp, null, null, null, scalarShape, dtype, numberAttribute(value), false, 0);
    known.set(key, node);
  }
  return node;
}
