import { gradients } from "../autograd.js";
import type { Node } from "../node.js";
import { literal, state } from "../node.js";
import { add } from "../ops/elementwise.js";
import { detached, expand, reshape } from "../ops/movement.js";
import { show } from "../shape.js";
import { Cell, noGradient, usedGradient } from "./cell.js";
import { currentLauncher } from "./engines.js";
import type { Write } from "./launch.js";
import { cut } from "./launch.js";

/** A backward pass whose gradients are still graph: loss and gradients are computed together, whoever asks first. */
interface Pending {
  readonly loss: Node;
  readonly cells: Set<Cell>;
}
let pending: Pending | null = null;

/** Adds the gradients of `loss` to those of every trainable cell below it. */
export function backward(loss: Node): void {
  if (loss.shape.size !== 1 || loss.dtype !== "float32")
    throw new RangeError(
      `backward: "loss" expected a float32 scalar, got ${loss.dtype} of shape ${show(loss.shape)}; reduce it with .mean() or .sum() first`,
    );
  if (!loss.tracked)
    throw new Error(
      "backward: the tensor depends on no parameter; build it from a parameter (or tensor(..., { requiresGrad: true })), outside noGrad() and without detach()",
    );
  flush();
  const recording = state.recording;
  state.recording = false;
  let found: Map<Node, Node>;
  try {
    found = gradients(loss, literal(1), null);
  } finally {
    state.recording = recording;
  }
  const cells = new Set<Cell>();
  for (const { cell } of found.keys() as Iterable<Node & { cell: Cell }>) {
    if (cell.gradient.state === "used")
      throw new Error(
        `backward: the gradient of "${cell.name}" was already used by a step; call optimizer.zeroGrad() before backward(), or gradients of different steps would mix`,
      );
    cells.add(cell);
  }
  for (const [leaf, g] of found) {
    const cell = leaf.cell as Cell;
    // A node of its own: a gradient may be a node of the user, which must not become a view of the accumulator.
    const full = detached(whole(g, leaf));
    cell.gradient = { state: "ready", node: cell.gradient.node === null ? full : add(cell.gradient.node, full) };
  }
  if (cells.size > 0) pending = { loss, cells };
}

/** The cotangent `g` in the shape of `node`. */
export function whole(g: Node, node: Node): Node {
  return g.shape.size === node.shape.size ? reshape(g, node.shape) : expand(g, node.shape);
}

/** Evaluates nodes; a pending backward that one of them belongs to goes with them, so that nothing runs twice. */
export function evaluateNodes(nodes: readonly Node[]): void {
  if (pending !== null) {
    const { loss, cells } = pending;
    const gradients = new Set([...cells].map((cell) => cell.gradient.node));
    // Gradients go to their accumulators, and are read from there.
    const others = nodes.filter((node) => !gradients.has(node));
    if (others.length < nodes.length || nodes.includes(loss)) {
      flush(others);
      return;
    }
  }
  currentLauncher().launch(nodes);
}

/** Evaluates the pending backward, if any: the loss, and all gradients into their accumulators. */
export function flush(also: readonly Node[] = []): void {
  if (pending === null) return;
  const { loss, cells } = pending;
  const writes = [...cells].map(intoAccumulator);
  pending = null;
  try {
    currentLauncher().launch([loss, ...also], writes);
  } catch (error) {
    // What can't be computed now never can: it must not stand in the way of other models.
    for (const cell of cells) cell.gradient = noGradient;
    throw error;
  }
  for (const cell of cells) fromAccumulator(cell);
}

/**
 * Writes `values` into their cells in one plan, together with the pending backward: its loss becomes readable for ever,
 * gradients of `consumed` cells are used up, those of others are kept.
 */
export function writeCells(writes: readonly Write[], consumed: ReadonlySet<Cell>): void {
  const kept = [...(pending?.cells ?? [])].filter((cell) => !consumed.has(cell));
  const loss = pending?.loss ?? null;
  const all = [...writes, ...kept.map(intoAccumulator)];
  if (all.length === 0) return;
  currentLauncher().launch(loss === null ? [] : [loss], all);
  if (loss !== null) {
    cut(loss);
    loss.frozen = true;
  }
  pending = null;
  for (const cell of kept) fromAccumulator(cell);
  for (const cell of consumed) if (cell.gradient.state === "ready") cell.gradient = usedGradient;
}

/** Forgets the gradient of a cell. */
export function clearGradient(cell: Cell): void {
  cell.gradient = noGradient;
  if (pending?.cells.delete(cell) && pending.cells.size === 0) pending = null;
}

function intoAccumulator(cell: Cell): Write {
  cell.accumulator ??= new Cell(currentLauncher().engine, `gradient of ${cell.name}`, false, cell.shape, cell.dtype);
  return { cell: cell.accumulator, node: cell.gradient.node as Node };
}

function fromAccumulator(cell: Cell): void {
  const { current } = cell.accumulator as Cell;
  const lazy = cell.gradient.node as Node;
  // Whoever holds the gradient as a tensor reads the same memory.
  if (lazy.value === null) {
    lazy.value = current.value;
    cut(lazy);
  }
  cell.gradient = { state: "ready", node: current };
}
