import { expect, test } from "vitest";
import type { Device, DeviceArray, KernelSource } from "../src/engines/gpu/devices/device.js";
import { openDevice } from "../src/engines/gpu/devices/open-device.js";

/** A kernel by its text: arrays are named a0, a1 ..., scalars s0, s1 ... */
export function kernel(body: string, arrays: number, scalars = 0): KernelSource {
  const names = [
    ...Array.from({ length: arrays }, (_, i) => `a${i}`),
    ...Array.from({ length: scalars }, (_, i) => `s${i}`),
  ];
  return { text: `function(${names}){${body}}`, arrays, scalars };
}

export const copy = kernel("return a0[this.thread.x];", 1);
const scaled = kernel("const x=a0[this.thread.x];const y=a1[this.thread.x];return x*s0+y/s1;", 2, 2);
const seven = kernel(`return ${Array.from({ length: 7 }, (_, i) => `a${i}[this.thread.x]*${i + 1}.0`).join("+")};`, 7);
const rowSums = kernel("let sum=0.0;for(let i=0;i<1000;i++){sum+=a0[this.thread.x*1000+i];}return sum;", 1);
const addOne = kernel("return a0[this.thread.x]+1.0;", 1);
const constant = kernel("return s0;", 0, 1);

export async function opened(engine: Device["kind"]): Promise<Device> {
  const found = await openDevice({ engine });
  if ("reason" in found) throw new Error(found.reason);
  return found.device;
}

/** Runs `use` on a device of its own. */
async function on(engine: Device["kind"], use: (device: Device) => Promise<void>): Promise<void> {
  const device = await opened(engine);
  try {
    await use(device);
    expect(device.lost).toBe(null);
  } finally {
    device.close();
  }
}

function upload(device: Device, values: Float32Array): DeviceArray {
  const array = device.allocate(values.length);
  device.write(array, values);
  return array;
}

/** What a kernel makes of these arrays. */
async function outcome(
  device: Device,
  source: KernelSource,
  size: number,
  inputs: readonly Float32Array[],
  scalars: readonly number[] = [],
): Promise<Float32Array> {
  await device.build(source);
  const arrays = inputs.map((values) => upload(device, values));
  const output = device.allocate(size);
  device.run(source, [output], size, arrays, scalars);
  const result = device.read(output, size);
  for (const array of [...arrays, output]) device.free(array);
  return result;
}

/** toEqual for many numbers: it takes seconds for a million. */
function expectSame(got: Float32Array, expected: Float32Array): void {
  expect(got.length).toBe(expected.length);
  const wrong = expected.findIndex((value, i) => !Object.is(value, got[i]));
  expect([wrong, got[wrong]]).toEqual([-1, undefined]);
}

const ramp = (size: number, from = 0): Float32Array => Float32Array.from({ length: size }, (_, i) => from + i);

// The last one is more than a row of WebGPU's workgroups.
const sizes = [1, 5, 63, 64, 65, 1000, 70_000, 1_000_000, 4_300_000];

/** What every device must do. */
export function testDevice(engine: Device["kind"]): void {
  test("says what it is", () =>
    on(engine, async (device) => {
      expect(device.kind).toBe(engine);
      expect(device.adapter).toMatch(/\w/);
      expect(device.limits.arrays).toBeGreaterThanOrEqual(7);
      expect(device.limits.elements).toBeGreaterThanOrEqual(2 ** 24);
    }));

  test.each(sizes)("%i elements: write, copy, scalars, read", (size) =>
    on(engine, async (device) => {
      const [a, b] = [ramp(size), ramp(size, 7)];
      expectSame(await outcome(device, copy, size, [a]), a);
      const result = await outcome(device, scaled, size, [a, b], [0.5, 4]);
      expectSame(
        result,
        a.map((x, i) => x * 0.5 + (b[i] as number) / 4),
      );
      const part = Math.ceil(size / 3);
      const array = upload(device, a);
      expectSame(await device.read(array, part), a.subarray(0, part));
    }),
  );

  test("reductions by loops, and sizes of input and output that differ", () =>
    on(engine, async (device) => {
      const rows = 70;
      const sums = await outcome(device, rowSums, rows, [Float32Array.from({ length: rows * 1000 }, (_, i) => i % 7)]);
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let i = 0; i < 1000; i++) sum += (row * 1000 + i) % 7;
        expect(sums[row]).toBe(sum);
      }
    }));

  test("as many inputs as it promises, the same one twice, and none", () =>
    on(engine, async (device) => {
      const inputs = Array.from({ length: 7 }, (_, i) => ramp(300, i));
      const expected = ramp(300).map((x) => inputs.reduce((sum, _, i) => sum + (x + i) * (i + 1), 0));
      expect(await outcome(device, seven, 300, inputs)).toEqual(expected);
      const { arrays } = device.limits;
      const most = kernel(
        `return ${Array.from({ length: arrays }, (_, i) => `a${i}[this.thread.x]`).join("+")};`,
        arrays,
      );
      const ones = Array.from({ length: arrays }, () => new Float32Array(5).fill(1));
      expect(await outcome(device, most, 5, ones)).toEqual(new Float32Array(5).fill(arrays));
      await expect(device.build(kernel("return 1.0;", arrays + 1))).rejects.toThrow(/source.arrays/);

      await device.build(scaled);
      const [a, output] = [upload(device, ramp(9)), device.allocate(9)];
      device.run(scaled, [output], 9, [a, a], [1, 1]);
      expect(await device.read(output, 9)).toEqual(ramp(9).map((x) => 2 * x));
      expect(await outcome(device, constant, 3, [], [2.5])).toEqual(Float32Array.of(2.5, 2.5, 2.5));
    }));

  test("NaN, infinities, -0 and subnormals are stored as they are; scalars too", () =>
    on(engine, async (device) => {
      const bits = Uint32Array.of(0x7fc00000, 0x7f800000, 0xff800000, 0x80000000, 1, 0x807fffff, 0x7f7fffff);
      const values = new Float32Array(bits.buffer);
      const asBits = (array: Float32Array): number[] =>
        Array.from(new Uint32Array(array.buffer, array.byteOffset, array.length));
      const stored = await device.read(upload(device, values), values.length);
      expect(asBits(stored)).toEqual([...bits]);
      const copied = await outcome(device, copy, values.length, [values]);
      expect(Number.isNaN(copied[0])).toBe(true);
      expect(asBits(copied).slice(1)).toEqual([...bits].slice(1));
      for (const scalar of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, -0])
        expect((await outcome(device, constant, 1, [], [scalar]))[0]).toBe(scalar);
    }));

  test("a write after a run does not reach back, and runs happen in order", () =>
    on(engine, async (device) => {
      await Promise.all([device.build(copy), device.build(addOne)]);
      const [a, before, after] = [upload(device, ramp(100)), device.allocate(100), device.allocate(100)];
      device.run(copy, [before], 100, [a], []);
      device.write(a, ramp(100, 50));
      device.run(copy, [after], 100, [a], []);
      device.write(a, ramp(100, -1));
      const reads = [before, after, a].map((array) => device.read(array, 100));
      expect(await Promise.all(reads)).toEqual([ramp(100), ramp(100, 50), ramp(100, -1)]);

      let [from, to] = [upload(device, new Float32Array(70)), device.allocate(70)];
      for (let i = 0; i < 1000; i++) {
        device.run(addOne, [to], 70, [from], []);
        [from, to] = [to, from];
      }
      expect(await device.read(from, 70)).toEqual(new Float32Array(70).fill(1000));
    }));

  test("freed arrays are used again, while what was read before stays", () =>
    on(engine, async (device) => {
      await device.build(addOne);
      const a = upload(device, ramp(500));
      const first = device.allocate(500);
      device.run(addOne, [first], 500, [a], []);
      const read = device.read(first, 500);
      device.free(first);
      const { buffers, bytes } = device.memory();
      const second = device.allocate(490);
      expect(device.memory()).toEqual({ buffers, bytes });
      device.run(addOne, [second], 490, [a], []);
      expect(await read).toEqual(ramp(500, 1));
      expect(() => device.run(addOne, [first], 500, [a], [])).toThrow(/freed/);
      device.free(first);
    }));

  test(
    "2,000 rounds make no memory after the first, and no device objects after the third",
    () =>
      on(engine, async (device) => {
        await Promise.all([device.build(addOne), device.build(scaled)]);
        let state = upload(device, new Float32Array(3000));
        let objects = 0;
        let memory = device.memory();
        for (let round = 0; round < 2000; round++) {
          const temporaries = [device.allocate(3000), device.allocate(3000), device.allocate(2999)] as const;
          device.run(addOne, [temporaries[0]], 3000, [state], []);
          device.run(scaled, [temporaries[1]], 3000, [temporaries[0], state], [1, 3]);
          device.run(addOne, [temporaries[2]], 2999, [temporaries[1]], []);
          const next = device.allocate(3000);
          device.run(addOne, [next], 3000, [state], []);
          for (const array of [temporaries[1], state, temporaries[0], temporaries[2]]) device.free(array);
          state = next;
          if (round % 100 === 0) await device.read(state, 10);
          if (round === 0) memory = device.memory();
          if (round === 2) objects = device.counts.objects;
        }
        expect(device.counts.objects).toBe(objects);
        expect(device.memory()).toEqual(memory);
        expect(device.counts.dispatches).toBeGreaterThanOrEqual(8000);
        expect((await device.read(state, 3000)).every((value) => value === 2000)).toBe(true);
      }),
    60_000,
  );

  test("memory in reserve stays below twice of what was in use at a time", () =>
    on(engine, async (device) => {
      const values = new Float32Array(3_000_000).fill(1);
      for (let size = 1_000_000; size <= 3_000_000; size += 125_000) {
        const array = upload(device, values.subarray(0, size));
        expect(await device.read(array, 1)).toEqual(Float32Array.of(1));
        device.free(array);
      }
      expect(device.memory().bytes).toBeLessThan(4 * 2 * 3_200_000 + 2 ** 20);
    }));

  test("up to four elements are copied in the order of the work", () =>
    on(engine, async (device) => {
      await device.build(addOne);
      const [small, large] = [upload(device, ramp(3)), upload(device, new Float32Array(5000).fill(-1))];
      device.copy(small, 0, large, 4996, 3);
      device.run(addOne, [small], 3, [upload(device, ramp(3, 10))], []);
      device.copy(small, 0, large, 124, 3);
      const [one, back] = [device.allocate(1), upload(device, new Float32Array(12))];
      device.copy(large, 124, one, 0, 1);
      device.copy(large, 4996, back, 8, 4);
      const values = await device.read(large, 5000);
      expect([...values.subarray(4996, 4999), ...values.subarray(124, 127)]).toEqual([0, 1, 2, 11, 12, 13]);
      expect(values.reduce((count, value) => count + (value === -1 ? 1 : 0), 0)).toBeGreaterThanOrEqual(4992);
      expect(await device.read(one, 1)).toEqual(Float32Array.of(11));
      expect([...(await device.read(back, 12))].slice(0, 11)).toEqual([...Array(8).fill(0), 0, 1, 2]);
      expect(() => device.copy(small, 0, large, 2, 2)).toThrow(/"toAt" expected a multiple of 4/);
      expect(() => device.copy(large, 5000, small, 0, 1)).toThrow(/"fromAt" expected/);
      expect(() => device.copy(large, 0, back, 0, 5)).toThrow(/"size" expected/);
    }));

  test("no kernel is compiled twice; one that can't be says why, with its text", () =>
    on(engine, async (device) => {
      const { compiles } = device.counts;
      const text = "function(a0){return a0[this.thread.x]*3.0;}";
      await Promise.all([1, 2, 3].map(() => device.build({ text, arrays: 1, scalars: 0 })));
      await device.build({ text, arrays: 1, scalars: 0 });
      expect(device.counts.compiles).toBe(compiles + 1);
      for (const body of ["return nowhere+1.0;", "return a0[this.thread.x", "return unheard(a0[this.thread.x]);"]) {
        const bad = kernel(body, 1);
        const error = await device.build(bad).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(Error);
        expect((error as Error).message).toContain(bad.text);
        expect(() => device.run(bad, [device.allocate(1)], 1, [device.allocate(1)], [])).toThrow(/build\(\)/);
      }
      // The device has survived that.
      expect(await outcome(device, copy, 5, [ramp(5)])).toEqual(ramp(5));
    }));

  test("wrong arguments are named", () =>
    on(engine, async (device) => {
      await device.build(addOne);
      const [a, b] = [device.allocate(4), device.allocate(4)];
      expect(() => device.run(addOne, [a], 4, [a], [])).toThrow(/"outputs" expected none of the inputs/);
      expect(() => device.run(addOne, [a], 4, [b, b], [])).toThrow(/"inputs" expected 1 arrays/);
      expect(() => device.run(addOne, [a], 4, [b], [1])).toThrow(/"scalars" expected 0 numbers/);
      expect(() => device.run(addOne, [a], 5, [b], [])).toThrow(/"size" expected/);
      expect(() => device.write(a, new Float32Array(5))).toThrow(/"values.length" expected/);
      expect(() => device.allocate(device.limits.elements + 1)).toThrow(/"size" expected/);
      await expect(device.read(a, 5)).rejects.toThrow(/"size" expected/);
      const empty = device.allocate(0);
      device.write(empty, new Float32Array(0));
      device.run(addOne, [empty], 0, [a], []);
      expect(await device.read(empty, 0)).toEqual(new Float32Array(0));
    }));

  test("closed: it says so, and holds nothing", async () => {
    const device = await opened(engine);
    const array = upload(device, ramp(10));
    const reading = expect(device.read(array, 10)).rejects.toThrow(/it was closed/);
    device.close();
    device.close();
    await reading;
    expect(device.lost).toBe("it was closed");
    await expect(device.read(array, 10)).rejects.toThrow(/it was closed/);
    expect(() => device.allocate(1)).toThrow(/it was closed/);
    device.free(array);
    expect(device.memory()).toEqual({ bytes: 0, buffers: 0 });
  });
}
