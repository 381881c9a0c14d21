import type { Node } from "./node.js";
import { literal, state } from "./node.js";
import { add, mul } from "./ops/elementwise.js";
import { reshape } from "./ops/movement.js";
import { reduce } from "./ops/reduce.js";
import type { Shape } from "./shape.js";
import { shapeOf } from "./shape.js";

/**
 * Gradients of `output` (times `seed`) with respect to the nodes of `wanted`, or to every current trainable cell when
 * `wanted` is null: a walk over the vjp rows in reverse order. What does not lead to a wanted node is never built.
 * A gradient may be smaller than its node (it broadcasts to it): that keeps the backward pass of a mean a constant.
 */
export function gradients(output: Node, seed: Node, wanted: ReadonlySet<Node> | null): Map<Node, Node> {
  if (output.born !== state.writes && output.value === null) state.settle(output);
  const order = tracedOrder(output, wanted);
  settleOld(order);
  // A set, not marks: the rules may settle old nodes, which runs walks of its own.
  const path = new Set(order);
  const found = new Map<Node, Node>();
  output.cotangent = seed;
  try {
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i] as Node;
      const g = node.cotangent;
      if (g === null) continue;
      node.cotangent = null;
      if (isWanted(node, wanted)) found.set(node, g);
      const [toA, toB, toC] = node.op.vjp;
      if (toA && node.a !== null && path.has(node.a)) send(node.a, toA(g, node), node);
      if (toB && node.b !== null && path.has(node.b)) send(node.b, toB(g, node), node);
      if (toC && node.c !== null && path.has(node.c)) send(node.c, toC(g, node), node);
    }
  } finally {
    output.cotangent = null;
    for (const node of order) node.cotangent = null;
  }
  if (order.some(readsGone)) checkComputable(found.values());
  return found;
}

/**
 * Below a value that was read early there may be nodes from before a write. They are settled before the walk, not in its
 * middle: that tells those that have lost their gradient.
 */
function settleOld(order: readonly Node[]): void {
  for (const node of order)
    if (node.born !== state.writes && node.value === null) {
      state.settle(node);
      checkDifferentiable(node);
    }
}

/** Refuses gradients that read a version which is gone: here, where they are asked for, and not when they are computed. */
function checkComputable(gradients: Iterable<Node>): void {
  const epoch = ++state.epoch;
  const stack = [...gradients];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (node.mark === epoch) continue;
    node.mark = epoch;
    if (node.value?.gone) throw new Error(`backward: the gradient can't be computed: ${node.value.gone}`);
    if (node.value === null) for (const input of [node.a, node.b, node.c]) if (input !== null) stack.push(input);
  }
}

const readsGone = (node: Node): boolean => [node.a, node.b, node.c].some((input) => input?.value?.gone);

function leads(input: Node | null, node: Node): input is Node {
  return input !== null && input.mark === node.mark && input.position === 1;
}

function send(input: Node, g: Node, from: Node): void {
  const kind = from.op.kind;
  const fitted = kind === "elementwise" || kind === "expand" ? undoBroadcast(g, input.shape, from.shape) : g;
  input.cotangent = input.cotangent === null ? fitted : add(input.cotangent, fitted);
}

/** Undoes a broadcast of `shape` to `from`: sums the copies, or multiplies by their number where `g` is the same for all. */
function undoBroadcast(g: Node, shape: Shape, from: Shape): Node {
  if (shape === from) return g;
  let copies = 1;
  const axes: number[] = [];
  const rank = g.shape.rank;
  for (let i = 1; i <= from.rank; i++) {
    const full = from.dims[from.rank - i] as number;
    if ((shape.dims[shape.rank - i] ?? 1) === full) continue;
    const here = i <= rank ? (g.shape.dims[rank - i] as number) : 1;
    if (here === 1) copies *= full;
    else axes.unshift(rank - i);
  }
  let result = axes.length > 0 ? reduce("sum", g, axes) : g;
  if (result.shape.rank > shape.rank)
    result = reshape(result, shapeOf(result.shape.dims.slice(result.shape.rank - shape.rank)));
  return copies === 1 ? result : mul(result, literal(copies));
}

function isWanted(node: Node, wanted: ReadonlySet<Node> | null): boolean {
  return wanted === null ? node.cell?.trainable === true : wanted.has(node);
}

/** Tracked nodes below `output` in an order in which inputs come first; `position` becomes 1 on those that lead to a wanted node. */
function tracedOrder(output: Node, wanted: ReadonlySet<Node> | null): Node[] {
  const epoch = ++state.epoch;
  const order: Node[] = [];
  const stack: Node[] = [output];
  output.mark = epoch;
  output.position = -1;
  while (stack.length > 0) {
    const node = stack[stack.length - 1] as Node;
    if (node.position === -1) {
      node.position = -2;
      // What lies below an argument is no business of its derivative.
      if (wanted?.has(node)) continue;
      checkDifferentiable(node);
      push(stack, node.a, epoch);
      push(stack, node.b, epoch);
      push(stack, node.c, epoch);
      continue;
    }
    stack.pop();
    if (node.position !== -2) continue;
    const wants = isWanted(node, wanted) || leads(node.a, node) || leads(node.b, node) || leads(node.c, node);
    node.position = wants ? 1 : 0;
    if (wants) order.push(node);
  }
  return order;
}

/** Whether `output` can be differentiated with respect to more than `own`: a parameter, or an argument further out. */
export function tracksOthers(output: Node, own: ReadonlySet<Node>): boolean {
  const epoch = ++state.epoch;
  const stack: Node[] = [output];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (!node.tracked || node.mark === epoch) continue;
    node.mark = epoch;
    const inputs = [node.a, node.b, node.c].filter((input) => input?.tracked) as Node[];
    if (own.has(node) ? inputs.length > 0 : inputs.length === 0) return true;
    stack.push(...inputs);
  }
  return false;
}

function push(stack: Node[], input: Node | null, epoch: number): void {
  if (input === null || !input.tracked) return;
  if (input.mark !== epoch) {
    input.mark = epoch;
    input.position = -1;
  }
  if (input.position === -1) stack.push(input);
}

function checkDifferentiable(node: Node): void {
  const overwritten = node.cell !== null && node.cell.current !== node;
  if (!node.frozen && !overwritten) return;
  const from = node.cell === null ? "a parameter" : `"${node.cell.name}"`;
  throw new Error(
    `backward: the graph contains a value built from ${from} before its last update, whose gradient is gone; build it inside the training loop, after the last optimizer.step()`,
  );
}
