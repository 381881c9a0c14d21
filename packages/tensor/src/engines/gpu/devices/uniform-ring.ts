import { usage } from "./gpu-usage.js";

const bytes = 1 << 16;
/** Where a block may begin: what WebGPU promises to allow. */
const step = 256;

/** The uniform blocks of the runs that wait for submission, in one buffer. */
export class UniformRing {
  static readonly bytes = bytes;
  readonly buffer: GPUBuffer;
  readonly words = new Uint32Array(bytes / 4);
  readonly floats = new Float32Array(this.words.buffer);
  private end = 0;

  constructor(private readonly device: GPUDevice) {
    this.buffer = device.createBuffer({ size: bytes, usage: usage.uniform | usage.copyTo });
  }

  /** The first byte of a new block; -1 when there is no room before the next upload. */
  take(size: number): number {
    const start = this.end;
    if (start + size > bytes) return -1;
    this.end = Math.ceil((start + size) / step) * step;
    return start;
  }

  /** To be called just before the runs are submitted: the queue keeps this and them in order. */
  upload(): void {
    if (this.end > 0) this.device.queue.writeBuffer(this.buffer, 0, this.words, 0, Math.min(this.end, bytes) / 4);
    this.end = 0;
  }
}
