import type { Walk } from "./walk.js";

interface Entry<T> {
  readonly key: Int32Array;
  readonly value: T;
  used: number;
}

/** Values by structure: the hash finds candidates, the whole key decides. Holds the most recently used `limit` entries. */
export class PlanCache<T> {
  private readonly chains = new Map<number, Entry<T>[]>();
  private clock = 0;
  size = 0;
  constructor(
    private readonly limit: number,
    private readonly drop: (value: T) => void,
  ) {}

  find(walk: Walk): T | undefined {
    const chain = this.chains.get(walk.hash);
    if (chain !== undefined)
      for (const entry of chain)
        if (same(entry.key, walk)) {
          entry.used = ++this.clock;
          return entry.value;
        }
    return undefined;
  }

  add(walk: Walk, value: T): void {
    if (this.size >= this.limit) this.evict();
    const entry = { key: walk.key.slice(0, walk.length), value, used: ++this.clock };
    const chain = this.chains.get(walk.hash);
    if (chain === undefined) this.chains.set(walk.hash, [entry]);
    else chain.push(entry);
    this.size++;
  }

  clear(): void {
    for (const chain of this.chains.values()) for (const entry of chain) this.drop(entry.value);
    this.chains.clear();
    this.size = 0;
  }

  private evict(): void {
    let oldest: { hash: number; entry: Entry<T> } | null = null;
    for (const [hash, chain] of this.chains)
      for (const entry of chain) if (oldest === null || entry.used < oldest.entry.used) oldest = { hash, entry };
    if (oldest === null) return;
    const { hash, entry } = oldest;
    const rest = (this.chains.get(hash) ?? []).filter((other) => other !== entry);
    if (rest.length > 0) this.chains.set(hash, rest);
    else this.chains.delete(hash);
    this.size--;
    this.drop(entry.value);
  }
}

function same(key: Int32Array, walk: Walk): boolean {
  if (key.length !== walk.length) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== walk.key[i]) return false;
  return true;
}
