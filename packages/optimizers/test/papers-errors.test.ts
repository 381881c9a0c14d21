import {
  AdaBelief,
  Adan,
  ASAM,
  EMA,
  LAMB,
  LARS,
  Lion,
  Lookahead,
  NovoGrad,
  Prodigy,
  SAM,
  ScheduleFreeAdamW,
  ScheduleFreeSGD,
  SGD,
  Sophia,
  SWA,
} from "@downhill/optimizers";
import type { Parameter } from "@downhill/tensor";
import { parameter } from "@downhill/tensor";
import { describe, expect, test } from "vitest";

type Options = Readonly<Record<string, unknown>>;
type Maker = new (parameters: Parameter[], options: never) => unknown;

const finite0 = "a finite number of at least 0";
const below1 = "a number in [0, 1)";
const yesOrNo = "true or false";
const two = (pair: string) => `two numbers such as [${pair}]`;

/** Option, wrong value, the place in the error, what was expected, what was got. */
type Wrong = readonly [options: Options, place: string, expected: string, got: string];
const kinds: readonly (readonly [Maker, readonly Wrong[]])[] = [
  [
    Lion,
    [
      [{ lr: -1 }, "lr", finite0, "-1"],
      [{ betas: [0.9, 1] }, "betas[1]", below1, "1"],
      [{ betas: 0.9 }, "betas", two("0.9, 0.99"), "0.9"],
      [{ weightDecay: -1 }, "weightDecay", finite0, "-1"],
      [{ eps: 1 }, "options", "lr, betas, weightDecay, maximize, decay, errorIfNonFinite", '"eps"'],
    ],
  ],
  [
    Adan,
    [
      [{ betas: [0.9, 0.9] }, "betas", "three numbers such as [0.98, 0.92, 0.99]", "an array of length 2"],
      [{ betas: [0.9, 0.9, -0.1] }, "betas[2]", below1, "-0.1"],
      [{ eps: -1 }, "eps", finite0, "-1"],
      [{ weightDecay: Number.NaN }, "weightDecay", finite0, "NaN"],
      [{ noProx: 1 }, "noProx", yesOrNo, "1"],
    ],
  ],
  [
    AdaBelief,
    [
      [{ betas: [1, 0.9] }, "betas[0]", below1, "1"],
      [{ eps: 0 }, "eps", "a finite number above 0", "0"],
      [{ weightDecay: -1 }, "weightDecay", finite0, "-1"],
      [{ decoupledWeightDecay: "no" }, "decoupledWeightDecay", yesOrNo, '"no"'],
      [{ rectify: 0 }, "rectify", yesOrNo, "0"],
    ],
  ],
  [
    LAMB,
    [
      [{ betas: [0.9, 2] }, "betas[1]", below1, "2"],
      [{ eps: -1e-6 }, "eps", finite0, "-0.000001"],
      [{ weightDecay: -1 }, "weightDecay", finite0, "-1"],
      [{ biasCorrection: 1 }, "biasCorrection", yesOrNo, "1"],
      [{ adapt: "yes" }, "adapt", yesOrNo, '"yes"'],
    ],
  ],
  [
    LARS,
    [
      [{ momentum: -0.9 }, "momentum", finite0, "-0.9"],
      [{ dampening: Number.NaN }, "dampening", "a finite number", "NaN"],
      [{ nesterov: 1 }, "nesterov", yesOrNo, "1"],
      [{ nesterov: true, momentum: 0 }, "momentum", "a number above 0 with nesterov", "0; try 0.9"],
      [{ nesterov: true, dampening: 0.1 }, "dampening", "0 with nesterov", "0.1"],
      [{ weightDecay: -1 }, "weightDecay", finite0, "-1"],
      [{ trustCoefficient: 0 }, "trustCoefficient", "a finite number above 0", "0"],
      [{ eps: -1 }, "eps", finite0, "-1"],
      [{ adapt: null }, "adapt", yesOrNo, "null"],
    ],
  ],
  [
    NovoGrad,
    [
      [{ betas: [-1, 0.9] }, "betas[0]", below1, "-1"],
      [{ eps: "small" }, "eps", "a number", '"small"'],
      [{ weightDecay: -1 }, "weightDecay", finite0, "-1"],
      [{ gradientAveraging: 1 }, "gradientAveraging", yesOrNo, "1"],
    ],
  ],
  [
    Sophia,
    [
      [{ betas: [0.9, 1] }, "betas[1]", below1, "1"],
      [{ rho: 0 }, "rho", "a finite number above 0", "0"],
      [{ batchSize: 0 }, "batchSize", "a finite number of at least 1", "0"],
      [{ weightDecay: -1 }, "weightDecay", finite0, "-1"],
    ],
  ],
  [
    Prodigy,
    [
      [{ betas: [0.9, 1] }, "betas[1]", below1, "1"],
      [{ beta3: 1 }, "beta3", below1, "1"],
      [{ eps: 0 }, "eps", "a finite number above 0", "0"],
      [{ weightDecay: -1 }, "weightDecay", finite0, "-1"],
      [{ decoupledWeightDecay: 1 }, "decoupledWeightDecay", yesOrNo, "1"],
      [{ biasCorrection: 1 }, "biasCorrection", yesOrNo, "1"],
      [{ safeguardWarmup: 1 }, "safeguardWarmup", yesOrNo, "1"],
      [{ d0: 0 }, "d0", "a finite number above 0", "0"],
      [{ dCoef: -1 }, "dCoef", "a finite number above 0", "-1"],
      [{ growthRate: 0.9 }, "growthRate", "a finite number of at least 1", "0.9"],
    ],
  ],
  [
    ScheduleFreeSGD,
    [
      [{ momentum: 0 }, "momentum", "a number in (0, 1)", "0"],
      [{ momentum: () => 0.9 }, "momentum", "a number", "a function; this option can't be scheduled"],
      [{ weightDecay: -1 }, "weightDecay", finite0, "-1"],
      [{ warmupSteps: 1.5 }, "warmupSteps", "an integer of at least 0", "1.5"],
      [{ r: -1 }, "r", finite0, "-1"],
      [{ weightLrPower: -1 }, "weightLrPower", finite0, "-1"],
    ],
  ],
  [
    ScheduleFreeAdamW,
    [
      [{ betas: [0, 0.9] }, "betas[0]", "a number in (0, 1)", "0; the average is found by dividing by it"],
      [{ betas: [0.9, 1] }, "betas[1]", below1, "1"],
      [{ eps: -1 }, "eps", finite0, "-1"],
      [{ weightDecay: -1 }, "weightDecay", finite0, "-1"],
      [{ warmupSteps: -1 }, "warmupSteps", "an integer of at least 0", "-1"],
      [{ r: Number.POSITIVE_INFINITY }, "r", finite0, "Infinity"],
      [{ weightLrPower: "2" }, "weightLrPower", "a number", '"2"'],
    ],
  ],
];
const wrong = kinds.flatMap(([make, rows]) =>
  rows.map(([options, place, expected, got]) => ({ name: make.name, make, options, place, expected, got })),
);

test.each(wrong)("$name: $place expected $expected, got $got", ({ make, name, options, place, expected, got }) => {
  const error = `${name}: "${place}" expected ${expected}, got ${got}`;
  expect(() => new make([parameter([1])], options as never)).toThrow(error);
});

describe("wrappers refuse", () => {
  const sgd = () => new SGD([parameter([1])]);
  test.each<[string, () => unknown, Error]>([
    [
      "a model",
      () => new Lookahead([parameter([1])] as never),
      new TypeError(
        'Lookahead: "optimizer" expected an optimizer such as new Adam(model.parameters()), got an array of length 1',
      ),
    ],
    [
      "k of 0",
      () => new Lookahead(sgd(), { k: 0 }),
      new RangeError('Lookahead: "k" expected an integer of at least 1, got 0'),
    ],
    [
      "alpha of 2",
      () => new Lookahead(sgd(), { alpha: 2 }),
      new RangeError('Lookahead: "alpha" expected a number in [0, 1], got 2'),
    ],
    [
      "an unknown option",
      () => new Lookahead(sgd(), { steps: 5 } as never),
      new TypeError('Lookahead: "options" expected k, alpha, got "steps"'),
    ],
    [
      "a number as options",
      () => new EMA(sgd(), 0.9 as never),
      new TypeError('EMA: "options" expected an object such as { decay: 0.999 }, got 0.9'),
    ],
    [
      "Lookahead twice",
      () => new Lookahead(new EMA(new Lookahead(sgd()))),
      new TypeError('Lookahead: "optimizer" expected one that is not in such a wrapper yet, got a EMA'),
    ],
    [
      "EMA and SWA",
      () => new SWA(new EMA(sgd())),
      new TypeError('SWA: "optimizer" expected one that is not in such a wrapper yet, got a EMA'),
    ],
    [
      "SAM and ASAM",
      () => new ASAM(new SAM(sgd())),
      new TypeError('ASAM: "optimizer" expected one that is not in such a wrapper yet, got a SAM'),
    ],
    ["a negative rho", () => new SAM(sgd(), { rho: -1 }), new RangeError(`SAM: "rho" expected ${finite0}, got -1`)],
    [
      "rho as text",
      () => new ASAM(sgd(), { rho: "1" as never }),
      new TypeError('ASAM: "rho" expected a number, got "1"'),
    ],
    [
      "a decay of 1",
      () => new EMA(sgd(), { decay: 1 }),
      new RangeError('EMA: "decay" expected a number in [0, 1), got 1'),
    ],
    [
      "warm-up as number",
      () => new EMA(sgd(), { warmup: 10 as never }),
      new TypeError('EMA: "warmup" expected true or false, got 10'),
    ],
    [
      "a start of -1",
      () => new SWA(sgd(), { start: -1 }),
      new RangeError('SWA: "start" expected an integer of at least 0, got -1'),
    ],
    [
      "every half step",
      () => new SWA(sgd(), { every: 0.5 }),
      new RangeError('SWA: "every" expected an integer of at least 1, got 0.5'),
    ],
  ])("%s", (_, call, error) => expect(call).toThrow(error));

  test("a state of another wrapper, or of the bare optimizer", async () => {
    const [plain, wrapped] = [sgd(), new EMA(sgd())];
    const state = await plain.stateDict();
    expect(() => wrapped.loadStateDict(state)).toThrow(
      new TypeError('EMA(SGD).loadStateDict: "state" expected the state of EMA(SGD), got that of "SGD"'),
    );
  });

  test("SAM a step without a closure", async () => {
    await expect(new SAM(sgd()).step()).rejects.toThrow('SAM.step: "closure" expected a function');
    await expect(new SAM(sgd()).step((() => undefined) as never)).rejects.toThrow(
      new TypeError('SAM.step: "closure" expected a function that returns a Tensor, got undefined; return the loss'),
    );
  });
});
