import type { Device, KernelSource } from "./device.js";

const values = Float32Array.of(0, -1.5, 3, 1e30, -7, 2.5);

interface Trial {
  readonly name: string;
  readonly source: KernelSource;
  readonly scalars: readonly number[];
  readonly expected: (value: number, index: number) => number;
}

const trials: readonly Trial[] = [
  {
    name: "copy",
    source: { text: "function(a0){return a0[this.thread.x];}", arrays: 1, scalars: 0 },
    scalars: [],
    expected: (value) => value,
  },
  {
    name: "exp",
    source: { text: "function(a0,s0){return Math.exp(s0*Math.min(a0[this.thread.x],4.0));}", arrays: 1, scalars: 1 },
    scalars: [0.5],
    expected: (value) => Math.exp(0.5 * Math.min(value, 4)),
  },
  {
    name: "sum",
    source: {
      text: "function(a0){let sum=0.0;for(let i=0;i<3;i++){sum+=a0[i]*2.0;}return sum+this.thread.x;}",
      arrays: 1,
      scalars: 0,
    },
    scalars: [],
    expected: (_, index) => 3 + index,
  },
];

/** Whether a device computes what it should; else what it got wrong. */
export async function selfTest(device: Device): Promise<string | null> {
  const [input, output] = [device.allocate(values.length), device.allocate(values.length)];
  try {
    device.write(input, values);
    for (const { name, source, scalars, expected } of trials) {
      await device.build(source);
      device.run(source, [output], values.length, [input], scalars);
      const results = await device.read(output, values.length);
      for (const [i, value] of values.entries()) {
        const [want, got] = [expected(value, i), results[i] as number];
        const most = name === "copy" ? 0 : 1e-5 * Math.abs(want);
        // Written so that NaN fails.
        if (!(Math.abs(got - want) <= most))
          return `its self-test "${name}" expected ${want} at index ${i}, got ${got}`;
      }
    }
    return null;
  } finally {
    device.free(input);
    device.free(output);
  }
}
