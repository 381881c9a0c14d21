import type { KernelSource } from "./device.js";
import { checkSize } from "./pooled-array.js";

/** Compiled kernels by their text: none is compiled twice, not even when asked for while it compiles. */
export class KernelCache<T> {
  private readonly ready = new Map<string, T>();
  private readonly pending = new Map<string, Promise<void>>();

  constructor(
    /** Most arrays that a kernel may read. */
    private readonly arrays: number,
    private readonly compile: (source: KernelSource) => Promise<T>,
  ) {}

  async build(source: KernelSource): Promise<void> {
    const { text } = source;
    checkSize("build", "source.arrays", source.arrays, this.arrays);
    if (this.ready.has(text)) return;
    let job = this.pending.get(text);
    if (job === undefined) {
      job = this.compile(source)
        .then((compiled) => void this.ready.set(text, compiled))
        .finally(() => this.pending.delete(text));
      this.pending.set(text, job);
    }
    return job;
  }

  get(source: KernelSource): T {
    const compiled = this.ready.get(source.text);
    if (compiled === undefined)
      throw new Error(`run: "source" expected a kernel that build() has compiled, got ${source.text}`);
    return compiled;
  }

  values(): Iterable<T> {
    return this.ready.values();
  }

  clear(): void {
    this.ready.clear();
  }
}
