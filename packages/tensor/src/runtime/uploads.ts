import type { DType } from "../dtype.js";
import type { Buffer, Engine } from "../engines/engine.js";
import type { Value } from "../node.js";

/** Runs that an upload survives without being used. */
const lifetime = 8;

interface Upload {
  readonly value: Value;
  readonly buffer: Buffer;
  used: number;
}

/**
 * Device copies of host values. The host copy is the truth, so a device copy may go at any time; it goes when it was not
 * used for a few runs, which keeps a loop over batches flat.
 */
export class Uploads {
  private live: Upload[] = [];
  private clock = 0;
  constructor(private readonly engine: Engine) {}

  /** The device copy of a host value. */
  bind(value: Value, dtype: DType, size: number): Buffer {
    let upload = value.upload as Upload | null;
    if (upload === null) {
      const buffer = this.engine.allocate(dtype, size);
      this.engine.write(buffer, value.host as NonNullable<Value["host"]>);
      upload = { value, buffer, used: this.clock };
      value.upload = upload;
      this.live.push(upload);
    }
    upload.used = this.clock;
    return upload.buffer;
  }

  /** To be called after each run. */
  sweep(): void {
    this.clock++;
    const oldest = this.clock - lifetime;
    this.live = this.live.filter((upload) => {
      if (upload.used >= oldest) return true;
      upload.value.upload = null;
      this.engine.free(upload.buffer);
      return false;
    });
  }

  /** Lets go of all copies, before the engine closes. */
  clear(): void {
    for (const upload of this.live) {
      upload.value.upload = null;
      if (this.engine.lost === null) this.engine.free(upload.buffer);
    }
    this.live = [];
  }
}
