import { defineOp, Node, state } from "../node.js";

/** Stands for an argument of a function that is differentiated: the same values, tracked even where the argument is not. */
const traceOp = /* @__PURE__ */ defineOp({ name: "trace", kind: "alias", vjp: [(g) => g] });

/** Arguments whose derivative is being taken: what reads them is wanted, like what reads a parameter. */
export const tracing: Set<Node> = new Set();

export function trace(x: Node): Node {
  // Settled here: settling the new node would freeze it, and there would be no gradient.
  if (x.born !== state.writes && x.value === null) state.settle(x);
  const node = new Node(traceOp, x, null, null, x.shape, x.dtype, null, true, x.value === null ? x.depth : 0);
  node.tag = x.tag;
  return node;
}
