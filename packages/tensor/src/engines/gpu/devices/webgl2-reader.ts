import type { Slot } from "./pool.js";
import { Pool } from "./pool.js";
import { usualReadings } from "./pooled-device.js";
import type { Texture } from "./webgl2-texture.js";

/** Questions in a row before they come with pauses: most results are there soon, and nobody waits for a pause. */
const eager = 50;

/** Reads textures without blocking the thread: into a buffer of the device, and from there when the device is through. */
export class WebGl2Reader {
  readonly buffers: Pool<WebGLBuffer>;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    created: () => void,
  ) {
    const make = (capacity: number): WebGLBuffer => {
      created();
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      gl.bufferData(gl.PIXEL_PACK_BUFFER, capacity * 4, gl.STREAM_READ);
      return buffer;
    };
    this.buffers = new Pool(Number.MAX_SAFE_INTEGER, make, (buffer) => gl.deleteBuffer(buffer));
    for (const slot of usualReadings.map((size) => this.buffers.take(size))) this.buffers.give(slot);
  }

  async read({ framebuffer, width }: Texture, size: number): Promise<Float32Array> {
    const { gl } = this;
    const texels = Math.ceil(size / 4);
    const columns = Math.min(texels, width);
    const rows = Math.ceil(texels / columns);
    const slot = this.buffers.take(columns * rows * 4);
    try {
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, slot.memory);
      gl.readPixels(0, 0, columns, rows, gl.RGBA, gl.FLOAT, 0);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      await this.finished();
      return this.values(slot, size);
    } finally {
      this.buffers.give(slot);
    }
  }

  private values({ memory }: Slot<WebGLBuffer>, size: number): Float32Array {
    const { gl } = this;
    const values = new Float32Array(size);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, memory);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, values);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    return values;
  }

  /** When all work so far is done, or the context is lost. */
  private async finished(): Promise<void> {
    const { gl } = this;
    const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    if (sync === null) return;
    const { port1, port2 } = new MessageChannel();
    for (let asked = 0; !gl.isContextLost(); asked++) {
      const status = gl.clientWaitSync(sync, 0, 0);
      if (status !== gl.TIMEOUT_EXPIRED) break;
      await new Promise<void>((resolve) => {
        if (asked >= eager) {
          setTimeout(resolve, 1);
          return;
        }
        // Timers wait for at least four milliseconds when they follow each other.
        port1.onmessage = () => resolve();
        port2.postMessage(null);
      });
    }
    port1.close();
    gl.deleteSync(sync);
  }
}
