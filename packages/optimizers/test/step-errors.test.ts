import { Adam, SGD } from "@downhill/optimizers";
import { parameter, state, tensor } from "@downhill/tensor";
import { describe, expect, test } from "vitest";

describe("wrong calls", () => {
  const weight = () => parameter([1, 2], { name: "weight" });
  const twice = weight();
  const wrong: [name: string, call: () => unknown, error: Error][] = [
    [
      "no parameter",
      () => new Adam([]),
      new RangeError('Adam: "parameters" expected at least one Parameter, got none; pass model.parameters()'),
    ],
    [
      "a group without parameters",
      () => new SGD([{ parameters: [weight()] }, { parameters: [] }]),
      new RangeError(
        'SGD: "parameters[1].parameters" expected at least one Parameter, got none; pass model.parameters()',
      ),
    ],
    [
      "a parameter twice",
      () => new SGD([twice, twice]),
      new RangeError('SGD: "parameters" expected every parameter once, got "weight" twice'),
    ],
    [
      "a parameter in two groups",
      () => new SGD([{ parameters: [twice] }, { parameters: [twice] }]),
      new RangeError('SGD: "parameters[1].parameters" expected every parameter once, got "weight" twice'),
    ],
    [
      "a model",
      () => new Adam({ parameters: () => [weight()] } as never),
      new TypeError('Adam: "parameters" expected an iterable of Parameters, got a Object; pass model.parameters()'),
    ],
    [
      "a method that was not called",
      () => new Adam((() => [weight()]) as never),
      new TypeError(
        'Adam: "parameters" expected an iterable of Parameters, got a function; call it: model.parameters()',
      ),
    ],
    [
      "layers",
      () => new Adam([{ parameters: () => [weight()] }] as never),
      new TypeError('Adam: "parameters" expected Parameters, got a Object; pass model.parameters()'),
    ],
    [
      "a tensor",
      () => new SGD([tensor([1])] as never),
      new TypeError('SGD: "parameters" expected Parameters, got a Tensor; pass model.parameters()'),
    ],
    [
      "a state",
      () => new SGD([state([1], { name: "mean" })]),
      new TypeError('SGD: "parameters" expected trainable Parameters, got the state "mean"; make it with parameter()'),
    ],
    [
      "NaN as rate",
      () => new Adam([weight()], { lr: Number.NaN }),
      new RangeError('Adam: "lr" expected a finite number of at least 0, got NaN'),
    ],
    [
      "a negative rate",
      () => new SGD([weight()], { lr: -1 }),
      new RangeError('SGD: "lr" expected a finite number of at least 0, got -1'),
    ],
    [
      "a rate in a group",
      () => new SGD([{ parameters: [weight()], lr: Number.POSITIVE_INFINITY }]),
      new RangeError('SGD: "lr" expected a finite number of at least 0, got Infinity'),
    ],
    [
      "a rate as text",
      () => new SGD([weight()], { lr: "0.1" as never }),
      new TypeError('SGD: "lr" expected a number or a schedule, got "0.1"'),
    ],
    [
      "a rate alone",
      () => new SGD([weight()], 0.1 as never),
      new TypeError('SGD: "options" expected an object such as { lr: 0.01 }, got 0.1'),
    ],
    [
      "an unknown option",
      () => new SGD([weight()], { learningRate: 0.1 } as never),
      new TypeError(
        'SGD: "options" expected lr, momentum, dampening, nesterov, weightDecay, maximize, decay, errorIfNonFinite, got "learningRate"',
      ),
    ],
    [
      "nesterov without momentum",
      () => new SGD([weight()], { nesterov: true }),
      new RangeError('SGD: "momentum" expected a number above 0 with nesterov, got 0; try 0.9'),
    ],
    [
      "nesterov with dampening",
      () => new SGD([weight()], { nesterov: true, momentum: 0.9, dampening: 0.1 }),
      new RangeError('SGD: "dampening" expected 0 with nesterov, got 0.1'),
    ],
    [
      "a negative momentum",
      () => new SGD([weight()], { momentum: -0.9 }),
      new RangeError('SGD: "momentum" expected a finite number of at least 0, got -0.9'),
    ],
    [
      "NaN as dampening",
      () => new SGD([weight()], { dampening: Number.NaN }),
      new RangeError('SGD: "dampening" expected a finite number, got NaN'),
    ],
    [
      "a negative decay",
      () => new SGD([weight()], { weightDecay: -1 }),
      new RangeError('SGD: "weightDecay" expected a finite number of at least 0, got -1'),
    ],
    [
      "nesterov as number",
      () => new SGD([weight()], { nesterov: 1 as never }),
      new TypeError('SGD: "nesterov" expected true or false, got 1'),
    ],
    [
      "one beta",
      () => new Adam([weight()], { betas: 0.9 as never }),
      new TypeError('Adam: "betas" expected two numbers such as [0.9, 0.999], got 0.9'),
    ],
    [
      "a beta of 1",
      () => new Adam([weight()], { betas: [0.9, 1] }),
      new RangeError('Adam: "betas[1]" expected a number in [0, 1), got 1'),
    ],
    [
      "a negative eps",
      () => new Adam([weight()], { eps: -1 }),
      new RangeError('Adam: "eps" expected a finite number of at least 0, got -1'),
    ],
    [
      "a decay of NaN",
      () => new Adam([weight()], { weightDecay: Number.NaN }),
      new RangeError('Adam: "weightDecay" expected a finite number of at least 0, got NaN'),
    ],
    [
      "amsgrad as text",
      () => new Adam([weight()], { amsgrad: "yes" as never }),
      new TypeError('Adam: "amsgrad" expected true or false, got "yes"'),
    ],
  ];
  test.each(wrong)("%s", (_, call, error) => expect(call).toThrow(error));

  test("options that are undefined count as left out", () => {
    expect(new SGD([weight()], { lr: undefined, momentum: undefined }).lr).toBe(1e-3);
  });

  const missing = new Error(
    "SGD.step: no parameter has a gradient that is not used yet; call backward() before step()",
  );
  test("step() before backward()", async () => {
    const optimizer = new SGD([weight()]);
    await expect(optimizer.step()).rejects.toThrow(missing);
    expect(optimizer.steps).toBe(0);
  });
  test("step() twice after one backward()", async () => {
    const w = weight();
    const optimizer = new SGD([w]);
    w.sum().backward();
    await optimizer.step();
    await expect(optimizer.step()).rejects.toThrow(missing);
  });
  test("backward() twice with a step between and no zeroGrad()", async () => {
    const w = weight();
    const optimizer = new SGD([w]);
    w.sum().backward();
    await optimizer.step();
    expect(() => w.sum().backward()).toThrow("call optimizer.zeroGrad() before backward()");
  });
});
