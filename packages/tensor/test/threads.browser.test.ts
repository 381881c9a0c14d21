import { setThreads, tensor, threads } from "@downhill/tensor";
import { beforeEach, expect, test, vi } from "vitest";
import { bitsOf, crew, cutFinely, insideOf, onThreads } from "./crew.js";
import { cases } from "./thread-cases.js";

beforeEach(() => cutFinely());
const some = cases.filter((_, i) => i % 5 === 0);

test("workers help, and the bits are the same", async () => {
  expect(globalThis.crossOriginIsolated).toBe(true);
  await onThreads(1);
  const expected = some.map(([, build]) => bitsOf(build()));
  for (const count of [2, 3]) {
    await onThreads(count);
    expect(threads()).toEqual({ count, reason: null });
    some.forEach(([name, build], i) => expect(bitsOf(build()), name).toEqual(expected[i]));
    expect(crew().helped).toBeGreaterThan(0);
  }
}, 60_000);

test("a page that forbids workers has one thread, and a reason", async () => {
  vi.stubGlobal(
    "Worker",
    class {
      constructor() {
        throw new Error("blob: is forbidden");
      }
    },
  );
  try {
    setThreads(2);
    expect(tensor(new Float32Array(4096)).add(1).sum().itemSync()).toBe(4096);
    expect(threads()).toEqual({ count: 1, reason: "blob: is forbidden" });
  } finally {
    vi.unstubAllGlobals();
  }
});

test("the number may change, and ended workers do no harm", async () => {
  for (const count of [2, 1, 3]) {
    await onThreads(count);
    expect(tensor(new Float32Array(4096)).add(2).sum().itemSync()).toBe(8192);
  }
  expect(insideOf(crew()).workers.length).toBe(2);
});
