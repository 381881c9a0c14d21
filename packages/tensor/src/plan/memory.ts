import type { Kernel } from "./fuse.js";
import type { PlanNode } from "./plan.js";

/** Where intermediate results lie in the arena. */
export interface Arena {
  /** Byte offset of every stored node that is not an output. */
  readonly offsets: ReadonlyMap<PlanNode, number>;
  readonly bytes: number;
}

/** Room of one tensor: whole 64-byte lines and one to spare, so that vector loops need no tails. */
export const paddedBytes = (size: number): number => (Math.ceil(size / 16) + 1) * 64;

interface Lifetime {
  readonly node: PlanNode;
  readonly from: number;
  to: number;
  readonly bytes: number;
  offset: number;
}

/** Gives every stored intermediate a place: the largest first, each at the lowest offset that is free while it lives. */
export function planArena(kernels: readonly Kernel[]): Arena {
  const lifetimes = new Map<PlanNode, Lifetime>();
  kernels.forEach((kernel, step) => {
    const members = kernel.kind === "own" ? [kernel.node] : kernel.members;
    const inside = new Set(members);
    for (const node of members) {
      for (const input of node.inputs) {
        const lifetime = lifetimes.get(input);
        if (lifetime !== undefined) lifetime.to = step;
      }
      if (isStored(node, inside) && !node.sink)
        lifetimes.set(node, { node, from: step, to: step, bytes: paddedBytes(node.shape.size), offset: 0 });
    }
  });
  const bySize = [...lifetimes.values()].sort((a, b) => b.bytes - a.bytes || a.from - b.from);
  const byOffset: Lifetime[] = [];
  let bytes = 0;
  for (const lifetime of bySize) {
    let offset = 0;
    for (const other of byOffset) {
      if (other.from > lifetime.to || other.to < lifetime.from) continue;
      if (other.offset >= offset + lifetime.bytes) break;
      offset = Math.max(offset, other.offset + other.bytes);
    }
    lifetime.offset = offset;
    byOffset.push(lifetime);
    byOffset.sort((a, b) => a.offset - b.offset);
    bytes = Math.max(bytes, offset + lifetime.bytes);
  }
  return { offsets: new Map(bySize.map(({ node, offset }) => [node, offset])), bytes };
}

/** Whether a node's values must leave its kernel. */
export function isStored(node: PlanNode, inside: ReadonlySet<PlanNode>): boolean {
  return node.sink || node.users.some((user) => !inside.has(user));
}
