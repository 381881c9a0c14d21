import { Flatten, Linear, Module, ReLU, Sequential } from "@downhill/nn";
import type { Layer, Parameter, Tensor } from "@downhill/tensor";
import { decodeSafetensors, encodeSafetensors, parameter, state, tensor } from "@downhill/tensor";
import { expect, test } from "vitest";
import { Recorder } from "./support.js";

class Block extends Module {
  readonly linear = new Linear(2, 2);
  readonly recorder = new Recorder();
  readonly mean = state([0, 0], { name: "running mean" });
  readonly table = [1, 2, 3];
  override forward(x: Tensor): Tensor {
    return this.recorder.forward(this.linear.forward(x));
  }
}

class Net extends Module {
  readonly blocks = [new Block(), new Block()];
  readonly heads = { left: new Linear(2, 1), right: new Linear(2, 1, { bias: false }) };
  readonly extra = new Map([["scale", parameter([1])]]);
  readonly self = this;
  override forward(x: Tensor): Tensor {
    return this.heads.left.forward(this.blocks.reduce((value, block) => block.forward(value), x));
  }
}

test("parameters are named by their path: fields, arrays, records, maps; state is no parameter", () => {
  const net = new Net();
  const names = [...net.namedParameters().keys()];
  expect(names).toEqual([
    "blocks.0.linear.weight",
    "blocks.0.linear.bias",
    "blocks.1.linear.weight",
    "blocks.1.linear.bias",
    "heads.left.weight",
    "heads.left.bias",
    "heads.right.weight",
    "extra.scale",
  ]);
  expect(net.parameters().map(({ name }) => name)).toEqual(names);
  expect(Object.keys(net.stateDict())).toEqual([
    ...names.slice(0, 2),
    "blocks.0.mean",
    ...names.slice(2, 4),
    "blocks.1.mean",
    ...names.slice(4),
  ]);
});

test("a path only grows, and a name that the user gave stays", () => {
  const net = new Net();
  net.parameters();
  const [block] = net.blocks as [Block, Block];
  expect([...block.namedParameters().keys()]).toEqual(["linear.weight", "linear.bias"]);
  expect(block.linear.weight.name).toBe("blocks.0.linear.weight");
  const own = new Sequential({
    scale: { forward: (x: Tensor) => x, w: parameter([1], { name: "temperature" }) } as Layer,
  });
  expect([...own.namedParameters().keys()]).toEqual(["scale.w"]);
  expect(own.parameters()[0]?.name).toBe("temperature");
});

test("a shared layer counts once, and its state has both names", () => {
  const shared = new Linear(2, 2);
  const model = new Sequential([shared, new ReLU(), shared]);
  expect(model.parameters()).toHaveLength(2);
  const saved = model.stateDict();
  expect(Object.keys(saved)).toEqual(["0.weight", "0.bias", "2.weight", "2.bias"]);
  const { "2.weight": _weight, "2.bias": _bias, ...half } = saved;
  expect(model.loadStateDict(half)).toEqual({ missing: [], unexpected: [] });
});

test("a layer of another making that hides its parameters still gives them", () => {
  class Hidden implements Layer {
    readonly #weight = parameter([1]);
    forward(x: Tensor): Tensor {
      return x.mul(this.#weight);
    }
    parameters(): Parameter[] {
      return [this.#weight];
    }
  }
  expect([...new Sequential([new Hidden()]).namedParameters().keys()]).toEqual(["0.0"]);
});

test("train and eval reach every layer that has the flag", () => {
  const net = new Net();
  expect(net.eval()).toBe(net);
  expect(net.blocks.map(({ recorder, linear, training }) => [recorder.training, linear.training, training])).toEqual([
    [false, false, false],
    [false, false, false],
  ]);
  net.train();
  expect(net.blocks.every(({ recorder }) => recorder.training)).toBe(true);
});

test("a state dict is a copy, goes through a file, and comes back", async () => {
  const [from, to] = [new Net(), new Net()];
  const saved = from.stateDict();
  const before = await from.heads.left.weight.array();
  from.heads.left.weight.assign([[7, 7]]);
  const { tensors } = decodeSafetensors(await encodeSafetensors(saved));
  expect(to.loadStateDict(tensors)).toEqual({ missing: [], unexpected: [] });
  expect(await to.heads.left.weight.array()).toEqual(before);
  expect(await to.blocks[1]?.linear.bias?.array()).toEqual(await from.blocks[1]?.linear.bias?.array());
});

test("loading lists everything that does not fit, and changes nothing then", async () => {
  const model = new Sequential([new Linear(2, 3), new Linear(3, 1)]);
  const before = await model.parameters()[0]?.array();
  const { "0.bias": _bias, ...rest } = model.stateDict();
  const wrong = { ...rest, "0.weight": tensor([[1, 2]]), head: tensor([1]) };
  expect(() => model.loadStateDict(wrong)).toThrow(
    new RangeError(
      'loadStateDict: "state" expected the names and shapes of the model, got missing "0.bias"; unexpected "head"; "0.weight" expected shape [3, 2], got [1, 2]; { strict: false } takes the names that fit',
    ),
  );
  expect(await model.parameters()[0]?.array()).toEqual(before);
  const { "0.weight": _weight, ...fits } = wrong;
  expect(model.loadStateDict(fits, { strict: false })).toEqual({
    missing: ["0.weight", "0.bias"],
    unexpected: ["head"],
  });
  expect(() => model.loadStateDict({ ...model.stateDict(), "0.bias": new Int32Array(3) })).toThrow(
    new TypeError('loadStateDict: "0.bias" expected dtype float32, got int32; use cast("float32")'),
  );
  expect(() => model.loadStateDict([] as never)).toThrow(
    new TypeError('loadStateDict: "state" expected a record of tensors by name, got an array of length 0'),
  );
});

test("long lists of names are cut", () => {
  const model = new Sequential(Array.from({ length: 8 }, () => new Linear(1, 1)));
  expect(() => model.loadStateDict({})).toThrow(/"4.bias", and 6 more/);
});

test.each([
  [[new ReLU(), undefined], 'Sequential: "layers" expected a layer with a forward method at 1, got undefined'],
  [
    { head: ReLU },
    'Sequential: "layers" expected a layer with a forward method at head, got a function; make one with new',
  ],
  [new ReLU(), 'Sequential: "layers" expected an array or a record of layers, got a ReLU'],
  [undefined, 'Sequential: "layers" expected an array or a record of layers, got undefined'],
])("Sequential refuses %o", (layers, message) => {
  expect(() => new Sequential(layers as never)).toThrow(new TypeError(message));
});

test("Sequential names the layer that does not return a tensor", () => {
  const model = new Sequential([new Flatten(), { forward: async (x: Tensor) => x } as unknown as Layer]);
  expect(() => model.forward(tensor([[1]]))).toThrow(
    new TypeError("Sequential: layer 1 expected to return a tensor from forward, got a Promise"),
  );
});

test("Sequential without layers passes its input on", async () => {
  expect(await new Sequential([]).forward(tensor([1, 2])).array()).toEqual([1, 2]);
});
