import { dtypeCode } from "../dtype.js";
import type { Node } from "../node.js";
import { state } from "../node.js";

/**
 * What one walk over a graph finds: its nodes in an order in which inputs come first, the leaves and numbers to bind,
 * and the key. The arrays are reused from walk to walk; {@link Walk.release} empties them, so that no graph stays alive.
 */
export class Walk {
  readonly nodes: Node[] = [];
  readonly leaves: Node[] = [];
  readonly numbers: number[] = [];
  /** The structure as integers: operations, shapes, dtypes, who reads whom. Never numbers, never identities. */
  key: Int32Array = new Int32Array(4096);
  length = 0;
  hash = 0;
  private epoch = 0;
  private readonly stack: Node[] = [];

  /** Walks the graph below `sinks`; `replaced[i]` is a leaf whose memory sink i may take over, or null. */
  run(sinks: readonly Node[], replaced: readonly (Node | null)[]): void {
    this.release();
    this.hash = 17;
    const epoch = ++state.epoch;
    this.epoch = epoch;
    for (const sink of sinks) this.visit(sink, epoch);
    this.put(-1);
    for (const sink of sinks) this.put(sink.position);
    for (const leaf of replaced) this.put(leaf !== null && this.contains(leaf) ? leaf.position : -1);
  }

  /** Whether the last walk met this node. */
  contains(node: Node): boolean {
    return node.mark === this.epoch;
  }

  release(): void {
    this.nodes.length = 0;
    this.leaves.length = 0;
    this.numbers.length = 0;
    this.length = 0;
  }

  private visit(sink: Node, epoch: number): void {
    const stack = this.stack;
    if (sink.mark === epoch) return;
    stack.push(sink);
    while (stack.length > 0) {
      const node = stack[stack.length - 1] as Node;
      if (node.mark === epoch) {
        stack.pop();
        continue;
      }
      const before = stack.length;
      if (node.value === null) {
        const { a, b, c } = node;
        // The second input of an alias only serves differentiation.
        const alias = node.op.kind === "alias";
        if (c !== null && c.mark !== epoch) stack.push(c);
        if (b !== null && b.mark !== epoch && !alias) stack.push(b);
        if (a !== null && a.mark !== epoch) stack.push(a);
      }
      if (stack.length > before) continue;
      stack.pop();
      node.mark = epoch;
      node.position = this.nodes.length;
      this.nodes.push(node);
      this.record(node);
    }
  }

  private record(node: Node): void {
    const kind = node.value === null ? node.op.kind : "leaf";
    // Room for the longest entry: a write past the end of a typed array is silently lost.
    if (this.length + 8 > this.key.length) this.grow();
    const dtype = dtypeCode[node.dtype];
    if (kind === "leaf") {
      this.leaves.push(node);
      this.put(dtype);
      this.put(node.shape.id);
    } else if (kind === "number") {
      this.numbers.push(node.num);
      this.put(4 + dtype);
    } else if (kind === "literal") {
      halves[0] = node.num;
      this.put(8 + dtype);
      this.put(words[0] as number);
      this.put(words[1] as number);
    } else {
      this.put(16 + node.op.id * 4 + dtype);
      this.put(node.shape.id);
      this.put(node.attr === null ? 0 : node.attr.id);
      if (node.a !== null) this.put(node.a.position);
      if (kind === "alias") return;
      if (node.b !== null) this.put(node.b.position);
      if (node.c !== null) this.put(node.c.position);
      // The offset of a box is a number, not structure.
      if (kind === "own") this.numbers.push(node.num);
    }
  }

  private put(value: number): void {
    if (this.length === this.key.length) this.grow();
    this.key[this.length++] = value;
    this.hash = Math.imul(this.hash ^ value, 0x01000193) ^ (this.hash >>> 15);
  }

  private grow(): void {
    const larger = new Int32Array(this.key.length * 2);
    larger.set(this.key);
    this.key = larger;
  }
}

const halves = new Float64Array(1);
const words = new Int32Array(halves.buffer);
