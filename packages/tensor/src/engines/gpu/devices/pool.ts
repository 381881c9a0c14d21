/** Memory of a device that is handed out again and again. */
export interface Slot<T> {
  /** No other slot has it, not even of another pool. */
  readonly id: number;
  /** Elements that it has room for. */
  readonly capacity: number;
  readonly memory: T;
}

/** Sizes are rounded up by at most an eighth, so that arrays of similar sizes share their memory. */
export function capacityFor(size: number): number {
  if (size <= 64) return 64;
  const step = 2 ** (Math.floor(Math.log2(size)) - 3);
  return Math.ceil(size / step) * step;
}

let ids = 0;

/** Below this many elements nothing is given back. */
const trimAbove = 1 << 22;

/**
 * Memory by capacity. Of what is free the oldest is taken: the same requests then get the same memory in every round,
 * and what was made for that memory (bind groups) fits again.
 */
export class Pool<T> {
  private readonly free = new Map<number, Slot<T>[]>();
  private idle = 0;
  private used = 0;
  private mostUsed = 0;
  private count = 0;
  private closed = false;

  constructor(
    private readonly largest: number,
    private readonly make: (capacity: number) => T,
    private readonly destroy: (memory: T) => void,
  ) {}

  /** What is alive: elements in use and in reserve, and how many slots. */
  get alive(): { readonly elements: number; readonly slots: number } {
    return { elements: this.idle + this.used, slots: this.count };
  }

  take(size: number): Slot<T> {
    const capacity = Math.min(capacityFor(size), this.largest);
    const slot = this.free.get(capacity)?.shift() ?? this.create(capacity);
    this.idle -= capacity;
    this.used += capacity;
    this.mostUsed = Math.max(this.mostUsed, this.used);
    return slot;
  }

  give(slot: Slot<T>): void {
    if (this.closed) {
      this.destroy(slot.memory);
      return;
    }
    this.used -= slot.capacity;
    this.idle += slot.capacity;
    const slots = this.free.get(slot.capacity);
    if (slots === undefined) {
      this.free.set(slot.capacity, [slot]);
      return;
    }
    let at = slots.length;
    while (at > 0 && (slots[at - 1] as Slot<T>).id > slot.id) at--;
    slots.splice(at, 0, slot);
  }

  /** Destroys what is free, now and later. */
  close(): void {
    this.closed = true;
    this.trim(0);
    this.idle = this.used = this.count = 0;
  }

  private create(capacity: number): Slot<T> {
    // Reserves of sizes that are no longer asked for: all together at most twice what was ever needed at a time.
    this.trim(Math.max(2 * this.mostUsed, trimAbove) - this.used - capacity);
    const slot = { id: ids++, capacity, memory: this.make(capacity) };
    this.idle += capacity;
    this.count++;
    return slot;
  }

  private trim(room: number): void {
    for (const [capacity, slots] of this.free) {
      while (slots.length > 0 && (this.idle > room || this.closed)) {
        this.destroy((slots.pop() as Slot<T>).memory);
        this.idle -= capacity;
        this.count--;
      }
    }
  }
}
