import { Adam, SGD } from "@downhill/optimizers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { engineName, parameter, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, describe, expect, test } from "vitest";
import golden from "./golden/optimizers.json" with { type: "json" };

const classes = { SGD, Adam };

/** As in tools/golden/optimizers.py. */
const problems: Record<string, (w: Parameter) => Tensor> = {
  quadratic: (w) => w.square().sum().mul(0.5),
  rosenbrock(w) {
    const x = w.slice([0], [1]);
    const y = w.slice([1], [2]);
    return x.sub(1).square().add(y.sub(x.square()).square().mul(100)).sum();
  },
};

afterAll(() => useEngine("cpu"));

describe.each(engines)("trajectories of %s", (engine) => {
  test.each(golden.rows)(`$optimizer $options on $problem: ${golden.source}`, async (row) => {
    useEngine(engine);
    const weight = parameter(row.start);
    const make = classes[row.optimizer as keyof typeof classes];
    const optimizer = new make([weight], row.options as ConstructorParameters<typeof make>[1]);
    const loss = problems[row.problem] as (w: Parameter) => Tensor;
    for (const [i, expected] of row.steps.entries()) {
      optimizer.zeroGrad();
      loss(weight).backward();
      await optimizer.step();
      const [values, wanted] = [[await weight.array()].flat(2), [expected].flat(2)];
      // Doubles agree to the last digits but one; float32 to about seven, and errors add up.
      const tolerance = engineName() === "reference" ? 1e-12 : 3e-6 * (i + 1);
      values.forEach((value, j) => {
        const target = wanted[j] as number;
        expect(Math.abs((value as number) - target)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(target)));
      });
    }
  });
});
