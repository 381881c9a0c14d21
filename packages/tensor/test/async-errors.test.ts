// What goes wrong on an engine whose results arrive later, and moving to and from it.
import { engineName, evaluate, oneHot, parameter, pick, state, tensor, useEngine, zeros } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { DeviceLostError } from "../src/engines/gpu/device-lost.js";
import { enterGpu, leaveGpu } from "../src/runtime/gpu-switch.js";
import { plainProgram } from "./plain-program.js";
import { scriptDevice } from "./script-device.js";
import { numbers, scriptGpu } from "./script-gpu.js";
import { draw } from "./support.js";

describe("errors", () => {
  test("a lost device rejects what waits, and the next call says so", async () => {
    const opened = await scriptGpu();
    const weight = parameter([1, 2], { name: "weight" });
    const data = tensor([1, 2]);
    await weight.data();
    const [reading, computing] = [weight.data(), weight.mul(2).data()];
    const kept = weight.mul(3);
    void evaluate(kept).catch(() => {});
    opened.lose("the driver was reset");
    const lost = new DeviceLostError("webgpu", "the driver was reset");
    await expect(reading).rejects.toThrow(lost);
    await expect(computing).rejects.toThrow(lost);
    await expect(kept.data()).rejects.toThrow(lost);
    await expect(weight.mul(4).data()).rejects.toThrow(lost);
    expect(() => weight.assign([3, 4])).toThrow(lost);
    expect(lost.message).toBe(
      'evaluate: the engine "webgpu" is lost (the driver was reset); call await useGpu() or useEngine("cpu") and load the parameters from a checkpoint',
    );
    await expect(leaveGpu()).rejects.toThrow(lost);

    await scriptGpu();
    await expect(weight.data()).rejects.toThrow('"weight" was lost with its engine (the driver was reset)');
    await expect(kept.data()).rejects.toThrow('lost with the engine "webgpu" (the driver was reset)');
    expect(numbers(await data.data())).toEqual([1, 2]);
    weight.assign([3, 4]);
    expect(numbers(await weight.data())).toEqual([3, 4]);
  });

  test("a backward pass that was lost does not stand in the way of a checkpoint", async () => {
    const opened = await scriptGpu();
    const weight = parameter([1, 2], { name: "weight" });
    weight.square().sum().backward();
    opened.lose("the driver was reset");
    expect(() => weight.assign([3, 4])).toThrow(DeviceLostError);
    useEngine("cpu");
    weight.assign([3, 4]);
    weight.square().sum().backward();
    expect([weight.arraySync(), weight.grad?.arraySync()]).toEqual([
      [3, 4],
      [6, 8],
    ]);
  });

  test("a kernel that does not compile loses the engine with the compiler's words", async () => {
    const build = async (): Promise<void> => {
      throw new Error("unexpected token");
    };
    await scriptGpu(Object.assign(scriptDevice(), { build }));
    const lost = new DeviceLostError("webgpu", "unexpected token");
    const x = tensor([1]).mul(2).data();
    const room = evaluate(tensor([1]).add(1));
    await expect(x).rejects.toThrow(lost);
    await expect(room).rejects.toThrow(lost);
    await expect(tensor([1]).add(1).data()).rejects.toThrow(lost);
  });

  test("an index out of range is named before anything runs", async () => {
    const { counts } = await scriptGpu();
    const x = parameter(draw(6), { shape: [2, 3], name: "x" });
    // The graph knows the values of tensor(...) itself; those of a cell it does not.
    const [right, wrong] = [state(Int32Array.from([0, 2])), state(Int32Array.from([0, 3]))];
    expect(numbers(await pick(x, right).data()).length).toBe(2);
    const { dispatches } = counts;
    const error = (op: string): RangeError =>
      new RangeError(`evaluate: "indices" of ${op} expected integers from 0 to 2, got 3 at position 1`);
    await expect(pick(x, wrong).data()).rejects.toThrow(error("pick"));
    await expect(oneHot(wrong, 3).data()).rejects.toThrow(error("pick or oneHot"));
    expect(() => x.assign(oneHot(wrong, 3).add(x))).toThrow(error("pick or oneHot"));
    expect(counts.dispatches).toBe(dispatches);
    expect(numbers(await x.data())).toEqual(draw(6));
  });

  test("integers that float32 can't hold are refused", async () => {
    await scriptGpu();
    const large = tensor(Int32Array.from([1, 2 ** 24 + 1]));
    await expect(large.mul(2).data()).rejects.toThrow(
      new RangeError(
        'evaluate: the engine "webgpu" expected int32 values from -16777216 to 16777216, which float32 holds exactly, got 16777217 at position 1; use the engine "cpu"',
      ),
    );
    expect(
      await tensor(Int32Array.from([2 ** 24]))
        .add(0)
        .data(),
    ).toEqual(Int32Array.from([2 ** 24]));
    await leaveGpu();
    const counter = state(Int32Array.from([-(2 ** 25)]), { name: "counter" });
    await expect(scriptGpu()).rejects.toThrow("got -33554432 at position 0");
    expect(engineName()).toBe("cpu");
    expect(counter.itemSync()).toBe(-(2 ** 25));
    counter.assign(Int32Array.from([0]));
  });

  test("tensors larger than the device holds are refused", async () => {
    await scriptGpu(scriptDevice(100));
    await expect(zeros([101]).add(1).data()).rejects.toThrow(
      new RangeError(
        'evaluate: the engine "webgpu" expected tensors of at most 100 elements here, got 101; use the engine "cpu"',
      ),
    );
  });
});

describe("changing engines", () => {
  test("leaveGpu() takes parameters, gradients, state and results along", async () => {
    const weight = parameter([1, 2], { name: "weight" });
    await scriptGpu();
    expect(engineName()).toBe("webgpu");
    weight.assign(weight.mul(2));
    weight.square().sum().backward();
    weight.square().sum().backward();
    const [evaluated, unevaluated] = [weight.add(1), weight.add(2)];
    void evaluate(evaluated);
    const counter = state(Int32Array.from([3]));
    expect(() => useEngine("cpu")).toThrow(
      new Error(
        'useEngine: the engine "webgpu" reads asynchronously; call await leaveGpu() of "@downhill/tensor/gpu" instead',
      ),
    );
    expect(engineName()).toBe("webgpu");
    const leaving = leaveGpu();
    await expect(weight.mul(3).data()).rejects.toThrow("evaluate: leaveGpu() is under way; await it");
    await leaving;
    expect(engineName()).toBe("cpu");
    expect([weight.arraySync(), weight.grad?.arraySync(), counter.dataSync()]).toEqual([
      [2, 4],
      [8, 16],
      Int32Array.from([3]),
    ]);
    expect([evaluated.arraySync(), unevaluated.arraySync()]).toEqual([
      [3, 5],
      [4, 6],
    ]);
    await leaveGpu();
  });

  test("without a GPU it stays, or throws the reason when one was required", async () => {
    const none = async (): Promise<{ reason: string }> => ({ reason: "this browser has neither WebGPU nor WebGL2" });
    expect(await enterGpu(none, plainProgram, {})).toEqual({
      engine: "cpu",
      adapter: null,
      reason: "this browser has neither WebGPU nor WebGL2",
    });
    const refused = new Error("useGpu: this browser has neither WebGPU nor WebGL2");
    await expect(enterGpu(none, plainProgram, { required: true })).rejects.toThrow(refused);
    await expect(enterGpu(none, plainProgram, { engine: "webgl2" })).rejects.toThrow(refused);
    await expect(enterGpu(none, plainProgram, { engine: "vulkan" as "webgpu" })).rejects.toThrow(
      new RangeError('useGpu: "engine" expected "webgpu" or "webgl2", got "vulkan"'),
    );
    await expect(enterGpu(none, plainProgram, { required: "yes" as unknown as boolean })).rejects.toThrow(
      new TypeError('useGpu: "required" expected true or false, got "yes"'),
    );
  });

  test("asked for again, it is the same GPU", async () => {
    await scriptGpu();
    const again = enterGpu(
      async () => {
        throw new Error("opened twice");
      },
      plainProgram,
      {},
    );
    expect(await again).toEqual({ engine: "webgpu", adapter: "JavaScript", reason: null });
  });
});
