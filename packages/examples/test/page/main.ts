// Trains by itself, as a page does: what a test calls in a page may be free of the page's policy.
import type { Engine } from "./losses.js";
import { lossesOn } from "./losses.js";

/** What the test waits for. */
export interface Outcome {
  readonly losses: unknown;
  /** Whether the policy lets text become code. */
  readonly evaluates: boolean;
}

function inWorker(engine: Engine): Promise<unknown> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(engine);
  });
}

function evaluates(): boolean {
  try {
    return Function("return true")();
  } catch {
    return false;
  }
}

const [place, engine] = location.hash.slice(1).split("/") as ["page" | "worker", Engine];
const losses = await (place === "page" ? lossesOn(engine) : inWorker(engine));
Object.assign(globalThis, { outcome: { losses, evaluates: evaluates() } satisfies Outcome });
