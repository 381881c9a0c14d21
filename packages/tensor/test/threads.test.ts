import { expect, test } from "vitest";
import { useEngine } from "../src/index.js";
import { bitsOf, crew, cutFinely, onThreads } from "./crew.js";
import { cases } from "./thread-cases.js";

test("a", async () => {
  cutFinely();
  await onThreads(1);
  const expected = cases.map(([, build]) => bitsOf(build()));
  for (const count of [2, 3]) {
    await onThreads(count);
    cases.forEach(([name, build], i) => {
      const got = bitsOf(build());
      got.forEach((g, j) => {
        const e = expected[i]![j]!;
        const w = g.findIndex((v, k) => v !== e[k]);
        if (w >= 0 || g.length !== e.length) console.log("DIFF", count, name, j, w, g.length);
      });
    });
    console.log("helped", crew().helped);
  }
  useEngine("reference");
  const f = new Float32Array(1), u = new Int32Array(f.buffer);
  const val = (b: number) => ((u[0] = b), f[0]!);
  cases.forEach(([name, build], i) => {
    build().forEach((t, j) => {
      const want = Array.from(t.dataSync());
      const e = expected[i]![j]!;
      let worst = 0;
      want.forEach((w, k) => { const g = t.dtype !== "float32" ? e[k]! : val(e[k]!); const d = Math.abs(g - w) / (1e-2 + Math.abs(w)); if (!(d <= worst)) worst = d; });
      if (!(worst < 2e-3)) console.log("FAR", name, j, worst);
    });
  });
}, 120000);
