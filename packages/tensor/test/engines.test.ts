import type { EngineName } from "@downhill/tensor";
import {
  describe as describeValue,
  engineName,
  evaluate,
  memory,
  parameter,
  tensor,
  useEngine,
  zeros,
} from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { currentLauncher } from "../src/runtime/engines.js";
import { engines } from "./support.js";

describe("an engine that is gone", () => {
  test.each(engines)("%s: reading says so, a new engine and new values help", (name) => {
    const other = engines.find((each) => each !== name) as EngineName;
    useEngine(other);
    useEngine(name);
    const weight = parameter([1, 2], { name: "weight" });
    const [data, read, unread] = [tensor([1, 2]), tensor([1, 2]).mul(2), weight.mul(2)];
    read.dataSync();
    currentLauncher().engine.close();
    const gone = new Error(
      `evaluate: the engine "${name}" is gone (it was closed); call useEngine() and load the parameters from a checkpoint`,
    );
    expect(() => weight.dataSync()).toThrow(gone);
    expect(() => unread.dataSync()).toThrow(gone);
    expect(() => weight.assign([3, 4])).toThrow(gone);
    // What JavaScript holds is still there.
    expect([data.arraySync(), read.arraySync()]).toEqual([
      [1, 2],
      [2, 4],
    ]);

    useEngine(name);
    const lost =
      'can\'t be read: "weight" was lost with its engine (it was closed); assign a new value, for example from a checkpoint';
    expect(() => weight.dataSync()).toThrow(lost);
    expect(() => unread.dataSync()).toThrow(lost);
    weight.assign([3, 4]);
    expect(weight.arraySync()).toEqual([3, 4]);
    weight.square().sum().backward();
    expect(weight.grad?.arraySync()).toEqual([6, 8]);
  });

  test("changing the engine takes parameters and gradients along", () => {
    useEngine("reference");
    const weight = parameter([1, 2], { name: "weight" });
    const before = weight.mul(10);
    weight.assign([3, 4]);
    const now = weight.mul(10);
    weight.square().sum().backward();
    weight.square().sum().backward();
    useEngine("cpu");
    expect([weight.arraySync(), now.arraySync(), weight.grad?.arraySync()]).toEqual([
      [3, 4],
      [30, 40],
      [12, 16],
    ]);
    expect(() => before.dataSync()).toThrow("can't be read");
    useEngine("reference");
    expect(weight.arraySync()).toEqual([3, 4]);
  });
});

describe.each(engines)("%s", (name) => {
  test("has its name and counts what it holds", () => {
    useEngine(name);
    expect(engineName()).toBe(name);
    const before = memory();
    const weight = parameter(zeros([1000]), { name: "weight" });
    const after = memory();
    expect(after.buffers - before.buffers).toBe(1);
    expect(after.bytes - before.bytes).toBeGreaterThanOrEqual(4000);
    expect(after.bytes - before.bytes).toBeLessThanOrEqual(8000 + 128);
    expect(weight.size).toBe(1000);
  });

  test("a failed operation leaves its operands usable", () => {
    useEngine(name);
    const x = tensor([1, 2]).mul(2);
    expect(() => x.add([1, 2, 3])).toThrow(RangeError);
    expect(x.add(1).arraySync()).toEqual([3, 5]);
  });
});

test("promises reject", async () => {
  await expect(evaluate("x" as never)).rejects.toThrow(new TypeError('evaluate: "tensors" expected tensors, got "x"'));
  await expect(zeros([2, 3]).item()).rejects.toThrow(RangeError);
});

test("describe says what an error got", () => {
  const rows: [unknown, string][] = [
    [null, "null"],
    [undefined, "undefined"],
    ["a", '"a"'],
    [1, "1"],
    [NaN, "NaN"],
    [true, "true"],
    [1n, "1"],
    [[1, 2], "an array of length 2"],
    [() => 1, "a function"],
    [new Float32Array(2), "a Float32Array"],
    [Object.create(null), "an object"],
    [zeros([1]), "a Tensor"],
    [parameter([1]), "a Parameter"],
  ];
  for (const [value, text] of rows) expect(describeValue(value)).toBe(text);
});
