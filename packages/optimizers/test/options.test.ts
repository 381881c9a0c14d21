import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  joinState,
  Muon,
  NAdam,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
  splitState,
} from "@downhill/optimizers";
import { parameter, tensor } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { rows as optimizers } from "./rows.js";

const p = () => [parameter([[1, 2]], { name: "weight" })];
const finite = "a finite number of at least 0";

describe("options out of range", () => {
  const rows: [call: () => unknown, error: Error][] = [
    [
      () => new Adam(p(), { decoupledWeightDecay: 1 as never }),
      new TypeError('Adam: "decoupledWeightDecay" expected true or false, got 1'),
    ],
    [() => new AdamW(p(), { betas: [0.9, 1] }), new RangeError('AdamW: "betas[1]" expected a number in [0, 1), got 1')],
    [
      () => new AdamW(p(), { betas: [0.9] as never }),
      new TypeError('AdamW: "betas" expected two numbers such as [0.9, 0.999], got an array of length 1'),
    ],
    [() => new AdamW(p(), { weightDecay: -1 }), new RangeError(`AdamW: "weightDecay" expected ${finite}, got -1`)],
    [
      () => new AdamW(p(), { decay: true as never }),
      new TypeError('AdamW: "decay" expected a function such as (parameter) => parameter.rank > 1, got true'),
    ],
    [
      () => new AdamW(p(), { decay: (() => 1) as never }),
      new TypeError('AdamW: "decay" expected a function that gives true or false, got 1 for "weight"'),
    ],
    [
      () => new AdamW(p(), { maximize: "yes" as never }),
      new TypeError('AdamW: "maximize" expected true or false, got "yes"'),
    ],
    [
      () => new AdamW(p(), { errorIfNonFinite: 0 as never }),
      new TypeError('AdamW: "errorIfNonFinite" expected true or false, got 0'),
    ],
    [
      () => new AdamW([{ parameters: p(), errorIfNonFinite: true } as never]),
      new TypeError(
        'AdamW: "options" expected lr, betas, eps, weightDecay, amsgrad, maximize, decay, got "errorIfNonFinite"',
      ),
    ],
    [() => new NAdam(p(), { momentumDecay: -1 }), new RangeError(`NAdam: "momentumDecay" expected ${finite}, got -1`)],
    [() => new NAdam(p(), { eps: "1" as never }), new TypeError('NAdam: "eps" expected a number, got "1"')],
    [
      () => new RAdam(p(), { betas: [-0.1, 0.9] }),
      new RangeError('RAdam: "betas[0]" expected a number in [0, 1), got -0.1'),
    ],
    [() => new RAdam(p(), { eps: -1 }), new RangeError(`RAdam: "eps" expected ${finite}, got -1`)],
    [() => new Adamax(p(), { eps: Number.NaN }), new RangeError(`Adamax: "eps" expected ${finite}, got NaN`)],
    [
      () => new Adamax(p(), { decay: () => true, amsgrad: true } as never),
      new TypeError(
        'Adamax: "options" expected lr, betas, eps, weightDecay, maximize, decay, errorIfNonFinite, got "amsgrad"',
      ),
    ],
    [() => new Adagrad(p(), { lrDecay: -1 }), new RangeError(`Adagrad: "lrDecay" expected ${finite}, got -1`)],
    [
      () => new Adagrad(p(), { initialAccumulatorValue: -1 }),
      new RangeError(`Adagrad: "initialAccumulatorValue" expected ${finite}, got -1`),
    ],
    [
      () => new Adagrad(p(), { initialAccumulatorValue: (() => 1) as never }),
      new TypeError(
        'Adagrad: "initialAccumulatorValue" expected a number, got a function; this option can\'t be scheduled',
      ),
    ],
    [() => new Adadelta(p(), { rho: 1 }), new RangeError('Adadelta: "rho" expected a number in [0, 1), got 1')],
    [() => new RMSprop(p(), { alpha: 1 }), new RangeError('RMSprop: "alpha" expected a number in [0, 1), got 1')],
    [() => new RMSprop(p(), { momentum: -1 }), new RangeError(`RMSprop: "momentum" expected ${finite}, got -1`)],
    [
      () => new RMSprop(p(), { centered: null as never }),
      new TypeError('RMSprop: "centered" expected true or false, got null'),
    ],
    [
      () => new Rprop(p(), { etas: [0, 1.2] }),
      new RangeError('Rprop: "etas[0]" expected a finite number above 0, got 0'),
    ],
    [() => new Rprop(p(), { etas: [1, 1.2] }), new RangeError('Rprop: "etas[0]" expected a number in (0, 1), got 1')],
    [
      () => new Rprop(p(), { etas: [0.5, 1] }),
      new RangeError('Rprop: "etas[1]" expected a finite number above 1, got 1'),
    ],
    [
      () => new Rprop(p(), { stepSizes: [1, 0.5] }),
      new RangeError('Rprop: "stepSizes[1]" expected a number of at least stepSizes[0] = 1, got 0.5'),
    ],
    [
      () => new Rprop(p(), { weightDecay: 0 } as never),
      new TypeError('Rprop: "options" expected lr, etas, stepSizes, maximize, errorIfNonFinite, got "weightDecay"'),
    ],
    [() => new ASGD(p(), { lambd: -1 }), new RangeError(`ASGD: "lambd" expected ${finite}, got -1`)],
    [() => new ASGD(p(), { alpha: -1 }), new RangeError(`ASGD: "alpha" expected ${finite}, got -1`)],
    [() => new ASGD(p(), { t0: -1 }), new RangeError(`ASGD: "t0" expected ${finite}, got -1`)],
    [
      () => new Adafactor(p(), { beta2Decay: 0.5 }),
      new RangeError('Adafactor: "beta2Decay" expected a number in (-Infinity, 0], got 0.5'),
    ],
    [
      () => new Adafactor(p(), { eps: [0, 1] }),
      new RangeError('Adafactor: "eps[0]" expected a finite number above 0, got 0'),
    ],
    [
      () => new Adafactor(p(), { eps: [null, null] as never }),
      new TypeError('Adafactor: "eps[1]" expected a number, got null'),
    ],
    [() => new Adafactor(p(), { d: 0 }), new RangeError('Adafactor: "d" expected a finite number above 0, got 0')],
    [
      () => new Muon(p(), { nsSteps: 2.5 }),
      new RangeError('Muon: "nsSteps" expected an integer from 1 to 99, got 2.5'),
    ],
    [
      () => new Muon(p(), { nsCoefficients: [1, 2] as never }),
      new TypeError(
        'Muon: "nsCoefficients" expected three numbers such as [3.4445, -4.775, 2.0315], got an array of length 2',
      ),
    ],
    [
      () => new Muon(p(), { nsCoefficients: [1, 2, Number.NaN] }),
      new RangeError('Muon: "nsCoefficients[2]" expected a finite number, got NaN'),
    ],
    [() => new Muon(p(), { eps: 0 }), new RangeError('Muon: "eps" expected a finite number above 0, got 0')],
    [
      () => new Muon(p(), { adjustLr: "rms" as never }),
      new RangeError('Muon: "adjustLr" expected "original" or "matchRmsAdamW", got "rms"'),
    ],
    [
      () => new Muon([parameter([1], { name: "bias" })]),
      new RangeError(
        'Muon: "parameters" expected matrices, got "bias" of shape [1]; train biases, embeddings and convolutions with AdamW',
      ),
    ],
    [
      () => new SGD(p()).addGroup(p() as never),
      new TypeError(
        'SGD.addGroup: "group" expected an object such as { parameters: layer.parameters() }, got an array of length 1',
      ),
    ],
    [
      () => new SGD(p()).addGroup({ parameters: [] }),
      new RangeError('SGD: "group.parameters" expected at least one Parameter, got none; pass model.parameters()'),
    ],
    [
      () => splitState(null as never),
      new TypeError('splitState: "state" expected what "await stateDict()" gave, got null'),
    ],
  ];
  test.each(rows)("%#", (call, error) => expect(call).toThrow(error));
});

describe("functions that give something else", () => {
  test.each([
    [() => 1, 'SGD.minimize: "loss" expected a function that returns a Tensor, got 1; return the loss'],
    [
      async () => tensor(1),
      'SGD.minimize: "loss" expected a function that returns a Tensor, got a Promise; await nothing in it',
    ],
  ])("%#", async (loss, message) => {
    await expect(new SGD(p()).minimize(loss as never)).rejects.toThrow(message);
  });
  test("no function", async () => {
    await expect(new SGD(p()).minimize(tensor(1) as never)).rejects.toThrow(
      new TypeError('SGD.minimize: "loss" expected a function, got a Tensor'),
    );
    await expect(new SGD(p()).step(1 as never)).rejects.toThrow(
      new TypeError('SGD.step: "closure" expected a function, got 1'),
    );
  });
});

test("a file that lacks a tensor is refused by name", async () => {
  const [weight] = p() as [ReturnType<typeof parameter>];
  const optimizer = new Adam([weight]);
  await optimizer.minimize(() => weight.sum());
  const { tensors, json } = splitState(await optimizer.stateDict());
  const { "0.0.square": _, ...others } = tensors;
  await expect(joinState(others, json)).rejects.toThrow(
    new RangeError('joinState: "tensors" expected "0.0.square", the square of "weight", got 1 others'),
  );
  await expect(joinState(tensors, "{")).rejects.toThrow('joinState: "json" expected what splitState() gave');
  await expect(joinState(tensors, "{}")).rejects.toThrow('joinState: "json" expected what splitState() gave');
  await expect(joinState(null as never, json)).rejects.toThrow(
    'joinState: "tensors" expected tensors by name, got null',
  );
  await expect(joinState(tensors, 1 as never)).rejects.toThrow('joinState: "json" expected a string, got 1');
});

test("step(closure) gives the loss of the closure", async () => {
  const [weight] = p() as [ReturnType<typeof parameter>];
  const optimizer = new SGD([weight], { lr: 0.5 });
  const loss = await optimizer.step(() => {
    optimizer.zeroGrad();
    const value = weight.square().sum();
    value.backward();
    return value;
  });
  expect([await loss.item(), await weight.array()]).toEqual([5, [[0, 0]]]);
});

test.each(optimizers)("$name comes down a bowl", async ({ make }) => {
  const weight = parameter([
    [1, -2],
    [0.5, 3],
  ]);
  const optimizer = make([weight]);
  const loss = () => weight.square().mul([1, 4]).sum();
  const before = await loss().item();
  for (let i = 0; i < 100; i++) await optimizer.minimize(loss);
  expect(await loss().item()).toBeLessThan(before / 2);
});
