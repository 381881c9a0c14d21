import type { Node } from "../node.js";
import { state } from "../node.js";
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
  let overwritten = false;
  let trainable = false;
  const epoch = ++state.epoch;
  const stack = [node];
  while (stack.length > 0) {
    const next = stack.pop() as Node;
    if (next.mark === epoch) continue;
    next.mark = epoch;
    if (next.cell !== null) {
      if (next.cell.current !== next) overwritten = true;
      else if (next.cell.trainable) trainable = true;
    }
    if (next.value !== null) continue;
    visited.push(next);
    if (next.a !== null) stack.push(next.a);
    if (next.b !== null) stack.push(next.b);
    if (next.c !== null) stack.push(next.c);
  }
  if (overwritten || !trainable) evaluateNow(node);
  else for (const seen of visited) seen.born = state.writes;
}

/** Evaluates a node and lets go of what lies below it; its gradient is lost. */
export function evaluateNow(node: Node): void {
  currentLauncher().launch([node]);
  node.frozen = node.tracked;
  cut(node);
}
