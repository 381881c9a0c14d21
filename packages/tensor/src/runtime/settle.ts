import type { Node } from "../node.js";
import { state } from "../node.js";
import { tracing } from "../ops/trace.js";
import { currentLauncher } from "./engines.js";
import { cut } from "./launch.js";

/**
 * A graph never spans a write to a cell. When an unevaluated node from before the last write is built upon:
 * - it reads a version that was overwritten: it is evaluated now, while that version can still be read;
 * - it reads no current trainable cell: it is evaluated now, so that it costs once and not every step;
 * - else it stays lazy (a generator's graph survives the discriminator's step).
 */
export function settle(node: Node): void {
  const { kind } = node.op;
  if (kind === "literal" || kind === "number") {
    node.born = state.writes;
    return;
  }
  const visited: Node[] = [];
  const evaluated: Node[] = [];
  let overwritten = false;
  const epoch = ++state.epoch;
  const trainable = (stack: Node[], through: (next: Node) => boolean): boolean => {
    let found = false;
    while (stack.length > 0) {
      const next = stack.pop() as Node;
      if (next.mark === epoch) continue;
      next.mark = epoch;
      if ((next.cell?.current === next && next.cell.trainable) || tracing.has(next)) found = true;
      if (!through(next)) continue;
      if (next.a !== null) stack.push(next.a);
      if (next.b !== null) stack.push(next.b);
      if (next.c !== null) stack.push(next.c);
    }
    return found;
  };
  const wanted = trainable([node], (next) => {
    if (next.cell !== null && next.cell.current !== next) overwritten = true;
    if (next.value === null) visited.push(next);
    else if (next.tracked) evaluated.push(next);
    return next.value === null;
  });
  const inputs = evaluated.flatMap(({ a, b, c }) => [a, b, c].filter((input) => input !== null));
  // A gradient can flow through what was read before, too.
  if (overwritten || !(wanted || trainable(inputs, () => true))) evaluateNow(node);
  else for (const seen of visited) seen.born = state.writes;
}

/** Evaluates a node and lets go of what lies below it; its gradient is lost. */
export function evaluateNow(node: Node): Node {
  currentLauncher().launch([node]);
  node.frozen = node.tracked;
  cut(node);
  return node;
}
