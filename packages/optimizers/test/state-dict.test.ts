import type { Optimizer, OptimizerState } from "@downhill/optimizers";
import { Adam, joinState, SGD, splitState } from "@downhill/optimizers";
import type { Parameter } from "@downhill/tensor";
import { decodeSafetensors, encodeSafetensors, engineName, parameter, tensor, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { rows } from "./rows.js";

const inputs = tensor([
  [1, 2],
  [-1, 0.5],
  [0.25, 3],
]);
const model = () => [parameter([[0.3], [-0.7]], { name: "weight" }), parameter([0.1], { name: "bias" })];

async function train(parameters: Parameter[], optimizer: Optimizer, steps: number): Promise<void> {
  const [weight, bias] = parameters as [Parameter, Parameter];
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad();
    inputs.matmul(weight).add(bias).sub(1).square().mean().backward();
    await optimizer.step();
  }
}
const values = async (parameters: Parameter[]) =>
  (await Promise.all(parameters.map((each) => each.data()))).flatMap((each) => [...each]);

const makers = [
  ...rows.filter(({ matrices }) => !matrices),
  {
    name: "SGD with groups",
    make: ([weight, bias]: Parameter[]) =>
      new SGD(
        [
          { parameters: [weight as Parameter], momentum: 0.9 },
          { parameters: [bias as Parameter], lr: 0.1 },
        ],
        { lr: 0.01 },
      ),
  },
];

afterAll(() => useEngine("cpu"));

describe.each(engines)("state dict on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test.each(makers)("$name: saved at step 50 in a file and loaded, training goes on bit for bit", async ({ make }) => {
    const parameters = model();
    const optimizer = make(parameters);
    await train(parameters, optimizer, 50);
    const { tensors, json } = splitState(await optimizer.stateDict());
    const file = decodeSafetensors(await encodeSafetensors(tensors, { json }));
    const saved = await joinState(file.tensors, file.metadata.json as string);
    expect(saved).toEqual(await optimizer.stateDict());
    const weights = await Promise.all(parameters.map((each) => each.data()));
    await train(parameters, optimizer, 50);

    const others = model();
    const other = make(others);
    await train(others, other, 3);
    other.loadStateDict(saved);
    others.forEach((each, i) => each.assign(tensor(weights[i] as Float32Array, { shape: each.shape })));
    expect(other.steps).toBe(50);
    await train(others, other, 50);

    // The reference engine computes in float64 and a state dict holds float32.
    const expected = (await values(parameters)).map((x) => (engineName() === "reference" ? expect.closeTo(x, 6) : x));
    expect(await values(others)).toEqual(expected);
    expect(other.lr).toBe(optimizer.lr);
  });

  test("holds plain data of the moment of the call", async () => {
    const parameters = model();
    const optimizer = new Adam(parameters, { lr: 0.5, betas: [0, 0.75] });
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { groups } = await optimizer.stateDict();
    expect(groups[0]?.parameters[0]).toEqual({ name: "weight", shape: [2, 1], updates: 0, slots: {} });
    parameters[1]?.mul(2).sum().backward();
    await optimizer.step();
    warn.mockRestore();
    const taken = optimizer.stateDict();
    optimizer.zeroGrad();
    parameters[1]?.mul(2).sum().backward();
    await optimizer.step();
    expect(await taken).toEqual({
      optimizer: "Adam",
      steps: 1,
      groups: [
        {
          options: {
            lr: 0.5,
            betas: [0, 0.75],
            eps: 1e-8,
            weightDecay: 0,
            amsgrad: false,
            decoupledWeightDecay: false,
            maximize: false,
          },
          parameters: [
            { name: "weight", shape: [2, 1], updates: 0, slots: {} },
            { name: "bias", shape: [1], updates: 1, slots: { mean: Float32Array.of(2), square: Float32Array.of(1) } },
          ],
        },
      ],
    });
  });

  test("saved options replace those of the constructor", async () => {
    const [a, b] = [model(), model()];
    const first = new SGD(a, { lr: 0.01, momentum: 0.9, nesterov: true });
    await train(a, first, 2);
    const second = new SGD(b);
    second.loadStateDict(await first.stateDict());
    expect(second.lr).toBe(0.01);
    expect((await second.stateDict()).groups).toEqual((await first.stateDict()).groups);
  });

  test("a schedule stays, and goes on at the saved step", async () => {
    const [a, b] = [model(), model()];
    const first = new SGD(a, { lr: 0.01 });
    await train(a, first, 4);
    const second = new SGD(b, { lr: (step) => step / 10 });
    second.loadStateDict(await first.stateDict());
    expect(second.lr).toBe(0.4);
  });

  test("parameters are found by name", async () => {
    const [a, b] = [
      [parameter([1], { name: "a" }), parameter([1], { name: "b" })],
      [parameter([1], { name: "b" }), parameter([1], { name: "a" })],
    ];
    const [first, second] = [new SGD(a, { momentum: 0.9 }), new SGD(b, { momentum: 0.9 })];
    a[0]
      ?.add((a[1] as Parameter).mul(5))
      .sum()
      .backward();
    await first.step();
    second.loadStateDict(await first.stateDict());
    const [group] = (await second.stateDict()).groups;
    expect(group?.parameters.map(({ name, slots }) => [name, [...(slots.velocity ?? [])]])).toEqual([
      ["b", [5]],
      ["a", [1]],
    ]);
  });
});

describe("a state dict that does not fit", async () => {
  const parameters = model();
  const optimizer = new SGD(parameters, { lr: 0.01, momentum: 0.9 });
  await train(parameters, optimizer, 1);
  const good = await optimizer.stateDict();
  const changed = (change: (state: OptimizerState) => unknown): OptimizerState => {
    const copy = structuredClone(good);
    change(copy);
    return copy;
  };
  type Loose = {
    groups: {
      options: Record<string, unknown>;
      parameters: { shape: number[]; slots: Record<string, unknown>; updates: number }[];
    }[];
    steps: number;
  };
  const loose = (change: (state: Loose) => unknown) => changed((state) => change(state as unknown as Loose));
  const first = (state: Loose) => state.groups[0]?.parameters[0] as Loose["groups"][0]["parameters"][0];

  const wrong: [name: string, state: unknown, error: Error][] = [
    [
      "a promise",
      optimizer.stateDict(),
      new TypeError('SGD.loadStateDict: "state" expected what "await stateDict()" gave, got a Promise'),
    ],
    ["nothing", null, new TypeError('SGD.loadStateDict: "state" expected what "await stateDict()" gave, got null')],
    [
      "of another optimizer",
      await new Adam(model()).stateDict(),
      new TypeError('SGD.loadStateDict: "state" expected the state of SGD, got that of "Adam"'),
    ],
    [
      "a step of -1",
      loose((s) => (s.steps = -1)),
      new RangeError('SGD.loadStateDict: "steps" expected an integer of at least 0, got -1'),
    ],
    [
      "other groups",
      loose((s) => s.groups.push(s.groups[0] as never)),
      new RangeError('SGD.loadStateDict: "groups" expected 1 group like the optimizer, got 2'),
    ],
    [
      "fewer parameters",
      loose((s) => s.groups[0]?.parameters.pop()),
      new RangeError('SGD.loadStateDict: "groups[0].parameters" expected 2 parameters like the optimizer, got 1'),
    ],
    [
      "another shape",
      loose((s) => (first(s).shape = [1, 2])),
      new RangeError(
        'SGD.loadStateDict: "groups[0].parameters[0]" expected the shape of "weight" [2, 1], got [1, 2] of "weight"',
      ),
    ],
    [
      "too few values",
      loose((s) => (first(s).slots.velocity = Float32Array.of(1))),
      new RangeError(
        'SGD.loadStateDict: "groups[0].parameters[0].slots.velocity" expected 2 values for "weight", got 1',
      ),
    ],
    [
      "no typed array",
      loose((s) => (first(s).slots.velocity = [1, 2])),
      new TypeError(
        'SGD.loadStateDict: "groups[0].parameters[0].slots.velocity" expected a Float32Array, got an array of length 2',
      ),
    ],
    [
      "a slot missing",
      loose((s) => (first(s).slots = {})),
      new RangeError('SGD.loadStateDict: "groups[0].parameters[0].slots" expected velocity for "weight", got none'),
    ],
    [
      "a broken count",
      loose((s) => (first(s).updates = 0.5)),
      new RangeError('SGD.loadStateDict: "groups[0].parameters[0].updates" expected an integer of at least 0, got 0.5'),
    ],
    [
      "an option out of range",
      loose((s) => ((s.groups[0] as Loose["groups"][0]).options.momentum = -1)),
      new RangeError('SGD: "momentum" expected a finite number of at least 0, got -1'),
    ],
    [
      "a schedule",
      loose((s) => ((s.groups[0] as Loose["groups"][0]).options.lr = null)),
      new RangeError(
        'SGD.loadStateDict: "lr" expected a schedule in the constructor, got 0.01; the state was saved with a schedule, which is code and not saved',
      ),
    ],
  ];
  test.each(wrong)("%s", async (_, state, error) => {
    expect(() => optimizer.loadStateDict(state as OptimizerState)).toThrow(error);
    expect(await optimizer.stateDict()).toEqual(good);
  });
});
