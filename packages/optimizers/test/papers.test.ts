import type { AnyOptimizer } from "@downhill/optimizers";
import {
  AdaBelief,
  Adam,
  Adan,
  ASAM,
  EMA,
  joinState,
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
  splitState,
} from "@downhill/optimizers";
import { exponentialDecay } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import {
  decodeSafetensors,
  encodeSafetensors,
  engineName,
  memory,
  parameter,
  profile,
  tensor,
  useEngine,
} from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

const lr = exponentialDecay(0.01, { gamma: 0.99 });
const momentum = exponentialDecay(0.9, { gamma: 0.999 });

interface Row {
  readonly name: string;
  readonly make: (parameters: Parameter[]) => AnyOptimizer;
  /** State per element of a parameter. */
  readonly bytes: number;
  /** Where the cpu engine keeps two versions of something: what is written without being read. */
  readonly cpuBytes?: number;
  /** Evaluations of a step; one if left out. */
  readonly launches?: number;
  /** Steps after which there is no new plan; one if left out. */
  readonly known?: number;
}

const wrappers: Row[] = [
  { name: "Lookahead of SGD", make: (p) => new Lookahead(new SGD(p, { lr, momentum })), bytes: 8, known: 5 },
  { name: "SAM of SGD", make: (p) => new SAM(new SGD(p, { lr })), bytes: 4, cpuBytes: 8, launches: 2, known: 2 },
  { name: "ASAM of Adam", make: (p) => new ASAM(new Adam(p, { lr })), bytes: 12, cpuBytes: 16, launches: 2, known: 2 },
  { name: "EMA of Adam", make: (p) => new EMA(new Adam(p, { lr }), { warmup: true }), bytes: 12 },
  { name: "SWA of SGD", make: (p) => new SWA(new SGD(p, { lr }), { start: 3, every: 2 }), bytes: 4, known: 5 },
  {
    name: "EMA of Lookahead of SAM of Lion",
    make: (p) => new EMA(new Lookahead(new SAM(new Lion(p, { lr })))),
    bytes: 16,
    cpuBytes: 20,
    launches: 2,
    known: 5,
  },
];

afterAll(() => useEngine("cpu"));

describe.each(engines)("on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test.each(wrappers)(
    "$name: $launches launches a step, no plan after the first, flat memory",
    async ({ make, launches = 1, known = 1 }) => {
      const [weight, bias] = [parameter([[1, -2, 3]]), parameter([0.5])];
      const optimizer = make([weight, bias]);
      const inputs = tensor([[1], [2]]);
      const step = () => optimizer.minimize(() => inputs.matmul(weight).add(bias).square().mean());
      for (let i = 0; i < known; i++) await step();
      const { plans, launches: before } = profile();
      for (let i = known; i < 25; i++) await step();
      const held = memory();
      for (let i = 25; i < 55; i++) await step();
      expect(profile().plans).toBe(plans);
      expect(profile().launches).toBe(before + (55 - known) * launches);
      expect(memory()).toEqual(held);
      expect(optimizer.steps).toBe(55);
    },
  );

  test.each(wrappers)("$name: $bytes bytes of state for each element", async ({ make, bytes, cpuBytes = bytes }) => {
    const size = 5000;
    const held = async (of: (parameters: Parameter[]) => AnyOptimizer) => {
      const weight = parameter(new Float32Array(size).fill(0.5));
      const before = memory().bytes;
      const optimizer = of([weight]);
      for (let i = 0; i < 12; i++) await optimizer.minimize(() => weight.square().mean());
      return { bytes: memory().bytes - before, kept: [weight, optimizer] };
    };
    // The first time plans and their workspace are made, which stay.
    await held(make);
    await held((p) => new SGD(p, { lr }));
    const [plain, own] = [await held((p) => new SGD(p, { lr })), await held(make)];
    const [unit, wanted] = engine === "reference" ? [8, bytes] : [4, cpuBytes];
    // A number that is kept beside the slots is rounded up to a block.
    const overhead = (own.bytes - plain.bytes) * (4 / unit) - wanted * size;
    expect(overhead).toBeGreaterThanOrEqual(-1024);
    expect(overhead).toBeLessThanOrEqual(2048);
  });

  test.each(wrappers)(
    "$name: saved at step 23 in a file and loaded, training goes on bit for bit",
    async ({ make }) => {
      const inputs = tensor([
        [1, 2],
        [-1, 0.5],
        [0.25, 3],
      ]);
      const begin = () => [parameter([[0.3], [-0.7]], { name: "weight" }), parameter([0.1], { name: "bias" })] as const;
      const train = async ([weight, bias]: ReturnType<typeof begin>, optimizer: AnyOptimizer, steps: number) => {
        for (let i = 0; i < steps; i++)
          await optimizer.minimize(() => inputs.matmul(weight).add(bias).sub(1).square().mean());
      };
      const values = async (pair: ReturnType<typeof begin>) => Promise.all(pair.map((each) => each.array()));
      const [one, other] = [begin(), begin()];
      const first = make([...one]);
      await train(one, first, 23);
      const { tensors, json } = splitState(await first.stateDict());
      const file = decodeSafetensors(await encodeSafetensors(tensors, { json }));
      const saved = await joinState(file.tensors, file.metadata.json as string);
      other.forEach((each, i) => {
        each.assign((one[i] as Parameter).clone());
      });
      const second = make([...other]);
      second.loadStateDict(saved);
      expect(second.steps).toBe(23);
      await train(one, first, 20);
      await train(other, second, 20);
      if (engineName() === "reference") {
        // Its doubles are saved as float32.
        const [a, b] = [await values(one), await values(other)].map((each) => each.flat(2) as number[]);
        a?.forEach((value, i) => {
          expect(value).toBeCloseTo(b?.[i] as number, 5);
        });
      } else {
        expect(await values(other)).toEqual(await values(one));
        expect(await second.stateDict()).toEqual(await first.stateDict());
      }
    },
  );
});

describe("comes down", () => {
  /** A least-squares fit that Adam solves in as many steps; the loss begins at 10. */
  const fit = async (make: (parameters: Parameter[]) => AnyOptimizer, steps: number) => {
    const inputs = tensor([
      [1, 2],
      [-1, 0.5],
      [0.25, 3],
      [2, -1],
    ]);
    const targets = inputs.matmul([[2], [-1]]).add(0.5);
    const [weight, bias] = [parameter([[0.5], [-3]]), parameter([0.1])];
    const optimizer = make([weight, bias]);
    const loss = () => inputs.matmul(weight).add(bias).sub(targets).square().mean();
    for (let i = 0; i < steps; i++) {
      if (optimizer instanceof Sophia && i % 10 === 0) {
        optimizer.zeroGrad();
        // The Gauss-Newton matrix of a square is that of its gradient at targets one away.
        const noise = tensor([1, -1, 1, 1], { shape: [4, 1] });
        const prediction = inputs.matmul(weight).add(bias);
        prediction.sub(prediction.detach().add(noise)).square().mean().backward();
        await optimizer.updateHessian();
      }
      await optimizer.minimize(loss);
    }
    if (optimizer instanceof ScheduleFreeSGD || optimizer instanceof ScheduleFreeAdamW) await optimizer.eval();
    if (optimizer instanceof EMA || optimizer instanceof SWA) await optimizer.swap();
    return loss().item();
  };
  const anneal = exponentialDecay(0.1, { gamma: 0.99 });
  test.each<[string, (p: Parameter[]) => AnyOptimizer]>([
    ["Lion", (p) => new Lion(p, { lr: anneal })],
    ["Adan", (p) => new Adan(p, { lr: 0.1 })],
    ["AdaBelief", (p) => new AdaBelief(p, { lr: 0.1 })],
    ["LAMB", (p) => new LAMB(p, { lr: anneal })],
    ["LARS", (p) => new LARS(p, { lr: exponentialDecay(20, { gamma: 0.99 }) })],
    ["NovoGrad", (p) => new NovoGrad(p, { lr: exponentialDecay(0.05, { gamma: 0.99 }) })],
    ["Sophia", (p) => new Sophia(p, { lr: anneal, batchSize: 4, weightDecay: 0 })],
    ["Prodigy", (p) => new Prodigy(p)],
    ["ScheduleFreeSGD", (p) => new ScheduleFreeSGD(p, { lr: 0.2 })],
    ["ScheduleFreeAdamW", (p) => new ScheduleFreeAdamW(p, { lr: 0.2 })],
    ["Lookahead", (p) => new Lookahead(new SGD(p, { lr: 0.1 }))],
    ["SAM", (p) => new SAM(new SGD(p, { lr: 0.1 }))],
    ["ASAM", (p) => new ASAM(new SGD(p, { lr: 0.1 }), { rho: 0.05 })],
    ["EMA", (p) => new EMA(new SGD(p, { lr: 0.1 }), { decay: 0.9 })],
    ["SWA", (p) => new SWA(new SGD(p, { lr: 0.1 }), { start: 200 })],
  ])("%s: from 10 to under 0.005 in 400 steps", async (_, make) => {
    expect(await fit((p) => new SGD(p), 0)).toBeGreaterThan(10);
    expect(await fit(make, 400)).toBeLessThan(0.005);
  });
});
