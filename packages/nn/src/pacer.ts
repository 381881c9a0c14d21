/** Milliseconds of work after which a page gets its turn: one frame. */
const frame = 16;

/** Tells when a turn of the event loop is due, and takes it. */
export class Pacer {
  private last = performance.now();

  /** Whether the last turn is a frame ago. */
  get due(): boolean {
    return performance.now() - this.last >= frame;
  }

  /** Lets events, timers and drawing have their turn. */
  async rest(): Promise<void> {
    await turn();
    this.last = performance.now();
  }
}

function turn(): Promise<void> {
  // Node has setImmediate; browsers make every nested setTimeout wait for 4 ms, a message does not wait.
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  if (typeof MessageChannel !== "function") return new Promise((resolve) => setTimeout(resolve, 0));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
