/** A worker of any platform. */
export interface Worker {
  terminate(): void;
}
/** What a started worker may report: it is gone. */
type Gone = (reason: string) => void;

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void;
  unref(): void;
  terminate(): void;
}
interface NodeModules {
  "node:os": { availableParallelism(): number };
  "node:worker_threads": { Worker: new (source: string, options: object) => NodeWorker };
}
interface Process {
  readonly env?: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined;
}

const { process } = globalThis as { process?: Process };

/** An environment variable; browsers have none. */
export function environment(name: string): string | undefined {
  return process?.env?.[name];
}

/** Cores that this process may use, as far as the host tells. */
export function cores(): number {
  return (
    process?.getBuiltinModule?.("node:os")?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1
  );
}

/** Why there can be no threads here; null when there can. */
export function obstacle(): string | null {
  if (typeof SharedArrayBuffer === "undefined" || globalThis.crossOriginIsolated === false)
    return "memory can't be shared: the page must be cross-origin isolated (headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp)";
  if (process?.getBuiltinModule?.("node:worker_threads") === undefined && typeof globalThis.Worker === "undefined")
    return "there are no workers: Node 20.16 or newer, or a browser, is needed";
  return null;
}

/** Starts a worker that runs `source` with `data`; it never keeps the process alive. Throws where workers are forbidden. */
export function startWorker(source: string, data: object, gone: Gone): Worker {
  const threads = process?.getBuiltinModule?.("node:worker_threads");
  if (threads !== undefined) {
    const worker = new threads.Worker(source, { eval: true, workerData: data, execArgv: [], name: "downhill" });
    worker.on("error", (error) => gone(error instanceof Error ? error.message : String(error)));
    worker.on("exit", (code) => gone(`it exited with code ${code}`));
    worker.unref();
    return worker;
  }
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new globalThis.Worker(url, { name: "downhill" });
  worker.onerror = (event) => gone(event.message || "the page's content security policy must allow blob: workers");
  worker.postMessage(data);
  return {
    terminate() {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
