import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Tensor } from "@downhill/tensor";
import {
  assignAll,
  grad,
  memory,
  parameter,
  pick,
  profile,
  setThreads,
  take,
  tensor,
  threads,
  useEngine,
} from "@downhill/tensor";
import { buildSync } from "esbuild";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { timeouts } from "../src/engines/cpu/crew.js";
import { Pace } from "../src/engines/cpu/pace.js";
import { instantiate, link, sharedModule } from "../src/engines/cpu/wasm.js";
import { at } from "../src/engines/cpu/worker-source.js";
import { bitsOf, crew, cutFinely, generate, insideOf, onThreads, wrapOwnParts } from "./crew.js";
import type { Recipe } from "./random-graph.js";
import { buildGraph, recipes } from "./random-graph.js";
import { draw, expectClose, random } from "./support.js";
import { cases } from "./thread-cases.js";

const run = promisify(execFile);
beforeEach(() => cutFinely());

describe("the same bits for any number of threads", () => {
  test.each([
    ["generated functions", true],
    ["the tape", false],
  ])(
    "a table of graphs, with %s",
    async (_, functions) => {
      generate(functions);
      await onThreads(1);
      const expected = cases.map(([, build]) => bitsOf(build()));
      for (const count of [2, 3]) {
        await onThreads(count);
        cases.forEach(([name, build], i) => {
          const got = bitsOf(build());
          got.forEach((values, output) => {
            const wanted = expected[i]?.[output] ?? [];
            const position = values.findIndex((value, k) => value !== wanted[k]);
            if (position >= 0 || values.length !== wanted.length)
              expect.fail(`${name}, ${count} threads: output ${output} differs at ${position} of ${values.length}`);
          });
        });
        expect(crew().helped).toBeGreaterThan(cases.length);
      }
    },
    60_000,
  );

  test("and the right ones", async () => {
    await onThreads(2);
    const values = cases.map(([, build]) => build().map((x) => Array.from(x.dataSync())));
    useEngine("reference");
    cases.forEach(([, build], i) => {
      build().forEach((x, output) => {
        expectClose(x, values[i]?.[output] ?? [], { relative: 2e-3, absolute: 2e-3 });
      });
    });
  }, 60_000);

  test("random graphs", async () => {
    const drawn = fc.sample(recipes, { numRuns: 150, seed: 11 });
    const compute = (recipe: Recipe): number[][] => bitsOf(buildGraph(recipe).items.map(({ x }) => x));
    await onThreads(1);
    const expected = drawn.map(compute);
    for (const count of [2, 3]) {
      await onThreads(count);
      drawn.forEach((recipe, i) => expect(compute(recipe), buildGraph(recipe).text).toEqual(expected[i]));
    }
  }, 60_000);

  test("an index out of range is reported alike", async () => {
    const rows = 3000;
    const wrong = new Set([701, 1500, 2999]);
    const index = (): Tensor =>
      tensor(Int32Array.from({ length: rows }, (_, i) => (wrong.has(i) ? 9 + i : i % 4))).add(0);
    const x = (): Tensor => random([rows, 4]);
    const messages = new Set<string>();
    for (const count of [1, 2, 3]) {
      await onThreads(count);
      for (const build of [
        () => pick(x(), index()),
        () => take(x(), index().add(10)),
        () => take(x(), index().sub(100)),
      ])
        expect(() => build().dataSync()).toThrow(RangeError);
      for (let i = 0; i < 20; i++)
        try {
          pick(x(), index()).dataSync();
        } catch (error) {
          messages.add((error as Error).message);
        }
      expect(pick(x(), tensor(new Int32Array(rows))).dataSync().length).toBe(rows);
    }
    expect([...messages]).toEqual([
      'evaluate: "indices" of pick expected integers from 0 to 3, got 710 at position 701',
    ]);
  });
});

describe("setThreads and threads", () => {
  test("refuse bad values", () => {
    for (const count of [0, -1, 65, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => setThreads(count)).toThrow(/^setThreads: "count" expected an integer from 1 to 64, got /);
    expect(() => setThreads("2" as unknown as number)).toThrow(TypeError);
  });

  test("say what came of it", () => {
    setThreads(1);
    expect(threads()).toEqual({ count: 1, reason: expect.stringContaining("one thread") });
    setThreads(3);
    expect(threads()).toEqual({ count: 3, reason: null });
    useEngine("reference");
    expect(threads()).toEqual({ count: 1, reason: 'the engine "reference" has no threads' });
    useEngine("cpu");
    expect(threads().count).toBe(3);
  });

  test("without shared memory there is one thread, and a reason", () => {
    vi.stubGlobal("crossOriginIsolated", false);
    try {
      cutFinely();
      setThreads(2);
      expect(random([1000]).sum().itemSync()).toBeTypeOf("number");
      expect(threads()).toEqual({ count: 1, reason: expect.stringContaining("cross-origin isolated") });
      expect(() => crew()).toThrow("no workers");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("values stay when the number changes", async () => {
    const values = draw(5000);
    const weight = parameter(values);
    for (const count of [1, 2, 1, 3, 2]) {
      await onThreads(count);
      expectClose(weight, values);
      expectClose(
        weight.mul(2),
        values.map((x) => 2 * x),
      );
    }
  });
});

describe("workers", () => {
  test("2,000 steps hold the same bytes", async () => {
    await onThreads(2);
    const [weight, x] = [parameter(draw(640), { shape: [64, 10] }), random([64, 64])];
    let [bytes, plans] = [0, 0];
    for (let step = 0; step < 2000; step++) {
      const [slope] = grad((w: Tensor) => x.matmul(w).square().mean(), { argnums: [0] })(weight);
      void assignAll([[weight, weight.sub((slope as Tensor).mul(1e-3 / (1 + step)))]]);
      if (step === 10) [bytes, plans] = [memory().bytes, profile().plans];
    }
    expect(memory().bytes).toBe(bytes);
    expect(profile().plans).toBe(plans);
    expect(crew().helped).toBeGreaterThan(100);
  }, 60_000);

  test("one that dies makes the engine unusable", async () => {
    await onThreads(2);
    const weight = parameter([1]);
    insideOf(crew()).workers[0]?.terminate();
    await vi.waitFor(() => expect(crew().lost).toContain("a worker died"));
    expect(() => weight.add(1).dataSync()).toThrow(
      /the engine "cpu" is gone \(a worker died: .*\); call useEngine\(\)/,
    );
    useEngine("cpu");
    expect(tensor([1]).add(1).itemSync()).toBe(2);
  });

  test("one that takes work and never comes back is an error, not a hang", async () => {
    await onThreads(2);
    const patience = timeouts.dead;
    timeouts.dead = 30;
    try {
      const { words } = insideOf(crew());
      let stolen = false;
      wrapOwnParts(crew(), (call) => (...args) => {
        if (!stolen) stolen = Atomics.sub(words, at.open, 1) > 0;
        call(...args);
      });
      for (let i = 0; i < 50 && !stolen; i++)
        try {
          random([64, 100]).softmax().dataSync();
        } catch (error) {
          expect(String(error)).toContain("a worker took work and did not come back");
        }
      expect(stolen).toBe(true);
      expect(() => tensor([1]).add(1).dataSync()).toThrow("is gone");
    } finally {
      timeouts.dead = patience;
    }
  });

  test("one in which a kernel fails is an error", async () => {
    await onThreads(2);
    const found = crew();
    wrapOwnParts(found, () => () => {
      // Leaves the rest to the worker, which may be falling asleep.
      while (Atomics.load(insideOf(found).words, at.open) > 0) found.summon(true);
    });
    found.prepare(1, [0xffffff00]);
    expect(() => {
      found.summon(true);
      found.run("packB", [0], 4, 1);
    }).toThrow("a kernel failed in a worker");
  });

  test("start without touching what is in memory", () => {
    const shared = new WebAssembly.Memory({ initial: 32, maximum: 65536, shared: true });
    const { kernels } = link(sharedModule(), shared);
    const fault = (kernels.fault.value as number) >> 2;
    const words = new Uint32Array(shared.buffer);
    words.fill(7, fault, fault + 4);
    link(sharedModule(), shared);
    expect(Array.from(words.slice(fault, fault + 4))).toEqual([7, 7, 7, 7]);
    expect(instantiate().memory.buffer).toBeInstanceOf(ArrayBuffer);
  });
});

test("a program that is slower with workers does without, and notices when that changes", () => {
  const pace = new Pace();
  const runs = (count: number, alone: number, together: number): number => {
    let helped = 0;
    for (let i = 0; i < count; i++) {
      const offered = pace.choose();
      if (offered) helped++;
      pace.record(offered, offered ? together : alone);
    }
    return helped / count;
  };
  runs(20, 10, 6);
  expect(runs(1000, 10, 6)).toBeGreaterThan(0.95);
  runs(10, 10, 15);
  expect(runs(1000, 10, 15)).toBeLessThan(0.05);
  runs(2000, 10, 6);
  expect(runs(1000, 10, 6)).toBeGreaterThan(0.95);
});

describe("in a process of their own", () => {
  const folder = mkdtempSync(join(tmpdir(), "downhill-threads-"));
  const bundle = join(folder, "tensor.mjs");
  beforeAll(() => {
    const contents = 'export * from "./index.ts"; export { limits } from "./engines/cpu/grid.ts";';
    const resolveDir = join(import.meta.dirname, "../src");
    buildSync({ stdin: { contents, resolveDir, loader: "ts" }, bundle: true, format: "esm", outfile: bundle });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const script = (code: string, env: Record<string, string> = {}): Promise<{ stdout: string }> =>
    run(process.execPath, ["--input-type=module", "-e", `import * as d from ${JSON.stringify(bundle)}; ${code}`], {
      env: { ...env },
      timeout: 20_000,
    });

  test("the process ends with its work, whether workers sleep, spin or start", async () => {
    const work = "d.limits.start = 0; d.setThreads(3); d.tensor(new Float32Array(2e6)).exp().sum().itemSync();";
    for (const wait of [
      "",
      "await new Promise((r) => setTimeout(r, 300));",
      `await new Promise((r) => setTimeout(r, 300)); ${work}`,
    ])
      expect((await script(`${work} ${wait} console.log(d.threads().count)`)).stdout.trim()).toBe("3");
  });

  test("DOWNHILL_THREADS counts", async () => {
    const ask = async (env: Record<string, string>): Promise<string> =>
      (await script("console.log(d.threads().count)", env)).stdout.trim();
    expect(await ask({ DOWNHILL_THREADS: "3" })).toBe("3");
    expect(await ask({ DOWNHILL_THREADS: "1" })).toBe("1");
    expect(await ask({})).toBe(String(Math.min(8, availableParallelism())));
    const last = await script("d.setThreads(2); console.log(d.threads().count)", { DOWNHILL_THREADS: "5" });
    expect(last.stdout.trim()).toBe("2");
  });

  test("DOWNHILL_THREADS with a bad value throws at the first use", async () => {
    for (const bad of ["", "two", "0", "65", "1.5"]) {
      const code = "try { d.tensor([1]).add(1).dataSync() } catch (error) { console.log(error.name, error.message) }";
      expect((await script(code, { DOWNHILL_THREADS: bad })).stdout).toContain(
        `RangeError evaluate: "DOWNHILL_THREADS" expected an integer from 1 to 64, got ${JSON.stringify(bad)}`,
      );
    }
  });
});
