import { codeOf } from "../dtype.js";
import type { Node } from "../node.js";
import { state } from "../node.js";

/**
 * What one walk over a graph finds: its nodes in an order in which inputs come first, the leaves and numbers to bind,
 * and the key. {@link Walk.release} lets go of them, so that no graph stays alive.
 */
export class Walk {
  nodes: Node[] = [];
  leaves: Node[] = [];
  numbers: number[] = [];
  /** The structure as integers: operations, shapes, dtypes, who reads whom. Never numbers, never identities. */
  key: Int32Array = new Int32Array(4096);
  length = 0;
  hash = 0;
  /** Number of the walk: the mark of the nodes and values that it met. */
  epoch = 0;
  private readonly stack: Node[] = [];

  /** Walks the graph below `sinks`; `replaced[i]` is a leaf whose memory sink i may take over, or null. */
  run(sinks: readonly Node[], replaced: readonly (Node | null)[]): void {
    this.release();
    const epoch = ++state.epoch;
    this.epoch = epoch;
    for (let i = 0; i < sinks.length; i++) this.visit(sinks[i] as Node, epoch);
    this.reserve(1 + 2 * sinks.length);
    const { key } = this;
    key[this.length++] = -1;
    for (let i = 0; i < sinks.length; i++) {
      const leaf = replaced[i] as Node | null;
      key[this.length++] = (sinks[i] as Node).position;
      key[this.length++] = leaf !== null && this.contains(leaf) ? leaf.position : -1;
    }
    this.hash = hashOf(key, this.length);
  }

  /** Whether the last walk met this node. */
  contains(node: Node): boolean {
    return node.mark === this.epoch;
  }

  release(): void {
    this.nodes = [];
    this.leaves = [];
    this.numbers = [];
    this.length = 0;
  }

  private visit(sink: Node, epoch: number): void {
    if (sink.mark === epoch) return;
    const { stack } = this;
    stack.push(sink);
    while (stack.length > 0) {
      const node = stack[stack.length - 1] as Node;
      if (node.mark !== epoch) {
        if (node.value === null && this.pushInputs(node, epoch)) continue;
        node.mark = epoch;
        node.position = this.nodes.length;
        this.nodes.push(node);
        this.record(node);
      }
      stack.pop();
    }
  }

  /** Puts the inputs that are still to be visited on the stack. */
  private pushInputs({ op, a, b, c }: Node, epoch: number): boolean {
    const { stack } = this;
    const before = stack.length;
    if (c !== null && c.mark !== epoch) stack.push(c);
    // The second input of an alias only serves differentiation.
    if (b !== null && b.mark !== epoch && op.kind !== "alias") stack.push(b);
    if (a !== null && a.mark !== epoch) stack.push(a);
    return stack.length > before;
  }

  private record(node: Node): void {
    this.reserve(8);
    const { key } = this;
    let at = this.length;
    const { op, value, shape, attr, a, b, c } = node;
    const dtype = codeOf(node.dtype);
    if (value !== null) {
      value.met = this.epoch;
      this.leaves.push(node);
      key[at++] = dtype;
      key[at++] = shape.id;
    } else if (op.kind === "number") {
      this.numbers.push(node.num);
      key[at++] = 4 + dtype;
    } else if (op.kind === "literal") {
      halves[0] = node.num;
      key[at++] = 8 + dtype;
      key[at++] = words[0] as number;
      key[at++] = words[1] as number;
    } else {
      key[at++] = 16 + op.id * 4 + dtype;
      key[at++] = shape.id;
      key[at++] = attr === null ? 0 : attr.id;
      if (a !== null) key[at++] = a.position;
      if (op.kind !== "alias") {
        if (b !== null) key[at++] = b.position;
        if (c !== null) key[at++] = c.position;
        // The offset of a box is a number, not structure.
        if (op.kind === "own") this.numbers.push(node.num);
      }
    }
    this.length = at;
  }

  /** Makes room for more of the key: a write past the end of a typed array is silently lost. */
  private reserve(count: number): void {
    if (this.length + count <= this.key.length) return;
    const larger = new Int32Array(2 * (this.length + count));
    larger.set(this.key);
    this.key = larger;
  }
}

const halves = new Float64Array(1);
const words = new Int32Array(halves.buffer);

function hashOf(key: Int32Array, length: number): number {
  let hash = 17;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (key[i] as number), 0x01000193) ^ (hash >>> 15);
  return hash;
}
