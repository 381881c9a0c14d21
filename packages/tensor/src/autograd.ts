import type { Node } from "./node.js";
import { literal, numberNode, state } from "./node.js";
import { add, mul } from "./ops/elementwise.js";
import { reshape } from "./ops/movement.js";
import { reduce } from "./ops/reduce.js";
import type { Shape } from "./shape.js";
import { scalarShape } from "./shape.js";

/**
 * Gradients of `output` (times `seed`) with respect to the nodes of `wanted`, or to every current trainable cell when
 * `wanted` is null: a walk over the vjp rows in reverse order. What does not lead to a wanted node is never built.
 * A gradient may be smaller than its node (it broadcasts to it): that keeps the backward pass of a mean a constant.
 */
export function gradients(output: Node, seed: Node, wanted: ReadonlySet<Node> | null): Map<Node, Node> {
  if (output.born !== state.writes && output.value === null) state.settle(output);
  const order = tracedOrder(output, wanted);
  const found = new Map<Node, Node>();
  let gone = false;
  try {
    for (let i = 0; i < order.length; i++) {
      const node = order[i] as Node;
      // Below a value that was read early there may be nodes from before a write. This tells those that have lost their gradient.
      if (node.born !== state.writes && node.value === null) {
        state.settle(node);
        checkDifferentiable(node);
      }
      // No mark: the rules may settle old nodes, which runs walks of its own.
      node.cotangent = onPath;
    }
    output.cotangent = seed;
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i] as Node;
      const { cotangent: g, a, b, c } = node;
      gone ||= isGone(a) || isGone(b) || isGone(c);
      if (g === null || g === onPath) continue;
      if (isWanted(node, wanted)) found.set(node, g);
      if (a !== null) send(node, a, 0, g);
      if (b !== null) send(node, b, 1, g);
      if (c !== null) send(node, c, 2, g);
    }
  } finally {
    output.cotangent = null;
    for (let i = 0; i < order.length; i++) (order[i] as Node).cotangent = null;
  }
  if (gone) checkComputable(found.values());
  return found;
}

/** Stands for "no gradient yet" on the nodes that the walk will come to. */
const onPath = numberNode(0);

/** Refuses gradients that read a version which is gone: here, where they are asked for, and not when they are computed. */
function checkComputable(gradients: Iterable<Node>): void {
  const epoch = ++state.epoch;
  const stack = [...gradients];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (node.mark === epoch) continue;
    node.mark = epoch;
    if (node.value?.gone) throw new Error(`backward: the gradient can't be computed: ${node.value.gone()}`);
    if (node.value === null) for (const input of [node.a, node.b, node.c]) if (input !== null) stack.push(input);
  }
}

function isGone(input: Node | null): boolean {
  return input !== null && input.value !== null && input.value.gone !== null;
}

function leads(input: Node | null, node: Node): input is Node {
  return input !== null && input.mark === node.mark && input.position === 1;
}

/** Adds the gradient with respect to one input of `from`, unless that leads to nothing wanted. */
function send(from: Node, input: Node, place: number, g: Node): void {
  const sum = input.cotangent;
  const { kind, vjp } = from.op;
  const rule = vjp[place];
  if (sum === null || !rule) return;
  let part = rule(g, from);
  if (part === null) return;
  if (kind === "elementwise" || kind === "expand") part = undoBroadcast(part, input.shape, from.shape);
  input.cotangent = sum === onPath ? part : add(sum, part);
}

/** Undoes a broadcast of `shape` to `from`: sums the copies, or multiplies by their number where `g` is the same for all. */
function undoBroadcast(g: Node, shape: Shape, from: Shape): Node {
  if (shape === from) return g;
  let copies = 1;
  const axes: number[] = [];
  const rank = g.shape.rank;
  for (let axis = from.rank; axis > 0; axis--) {
    const full = from.fromEnd(axis);
    if (shape.fromEnd(axis) === full) continue;
    if (g.shape.fromEnd(axis) === 1) copies *= full;
    else axes.push(rank - axis);
  }
  let result = axes.length > 0 ? reduce("sum", g, axes) : g;
  if (result.shape.rank > shape.rank) {
    let kept = scalarShape;
    for (let axis = shape.rank; axis > 0; axis--) kept = kept.and(result.shape.fromEnd(axis));
    result = reshape(result, kept);
  }
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
