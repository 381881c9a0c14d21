import { ctc } from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { evaluateSync, grad, logSoftmax, parameter, profile, tensor, zeros } from "@downhill/tensor";
import { close, engines, engineTolerance, flat, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";

const logits = [
  [
    [0.5, -1, 2],
    [1, 0.25, -0.5],
    [0, 3, 1],
    [2, 1, 0.5],
  ],
  [
    [-1, 0.75, 0],
    [0.5, 0.5, 2],
    [1, -2, 0],
    [0.25, 1, 1],
  ],
];
const targets = [
  [1, 2],
  [2, 2],
];

describe.each(engines)("ctc on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  test("frames and labels beyond the lengths are as if they were not there", () => {
    onEngine(engine, () => {
      const padded = ctc(tensor(logits), targets, { inputLengths: [3, 4], targetLengths: [1, 2], reduction: "none" });
      const [first, second] = logits as [number[][], number[][]];
      close(
        padded.arraySync(),
        [
          ctc(tensor([first.slice(0, 3)]), [[1]]).itemSync(),
          ctc(tensor([second]), [[2, 2]], { reduction: "sum" }).itemSync(),
        ],
        tolerance,
      );
      const slope = grad((x: Tensor) => ctc(x, targets, { inputLengths: [3, 4] }))(tensor(logits)).arraySync();
      expect(flat((slope as number[][][])[0]?.[3] as number[]).map(Math.abs)).toEqual([0, 0, 0]);
    });
  });
  test("weight 2 counts twice, weight 0 not at all; no weight left: 0", () => {
    onEngine(engine, () => {
      const weighted = (sampleWeight: number[]): number => ctc(tensor(logits), targets, { sampleWeight }).itemSync();
      const [a, b] = [0, 1].map((i) => ctc(tensor([logits[i] as number[][]]), [targets[i] as number[]]).itemSync());
      close(weighted([2, 1]), (2 * (a as number) + (b as number)) / 3, tolerance);
      close(weighted([0, 3]), b as number, tolerance);
      expect(weighted([0, 0])).toBe(0);
    });
  });
  test("no examples, no frames, no labels", () => {
    onEngine(engine, () => {
      const none = parameter([], { shape: [0, 4, 3] });
      const loss = ctc(none, zeros([0, 2], { dtype: "int32" }));
      loss.backward();
      expect(loss.itemSync()).toBe(0);
      expect(none.grad?.shape).toEqual([0, 4, 3]);
      const empty = tensor([], { shape: [2, 0] });
      expect(ctc(tensor([], { shape: [2, 0, 3] }), empty, { reduction: "none" }).arraySync()).toEqual([0, 0]);
      const blanks = (logSoftmax(tensor(logits)).arraySync() as number[][][]).map((frames) =>
        frames.reduce((sum, frame) => sum - (frame[0] as number), 0),
      );
      close(ctc(tensor(logits), empty, { reduction: "none" }).arraySync(), blanks, tolerance);
      const lost = { reduction: "none", inputLengths: [0, 4] } as const;
      expect(ctc(tensor(logits), targets, { ...lost, zeroInfinity: true }).arraySync()).toEqual([
        0,
        expect.any(Number),
      ]);
    });
  });
  test("a class that is ruled out: its targets are impossible", () => {
    onEngine(engine, () => {
      const ruled = logits.map((frames) => frames.map(([blank, , other]) => [blank, -Infinity, other] as number[]));
      const each = ctc(tensor(ruled), targets, { reduction: "none" }).arraySync() as number[];
      expect(each[0]).toBe(Number.POSITIVE_INFINITY);
      close(
        each[1] as number,
        ctc(
          tensor(ruled.map((frames) => frames.map((frame) => [frame[0], frame[2]] as number[]))),
          [
            [1, 1],
            [1, 1],
          ],
          { reduction: "none" },
        ).dataSync()[1] as number,
        tolerance,
      );
      const counted = (x: Tensor): Tensor => ctc(x, targets, { zeroInfinity: true });
      close(counted(tensor(ruled)).itemSync(), (each[1] as number) / 4, tolerance);
      const slopes = flat(grad(counted)(tensor(ruled)).arraySync() as number[][][]);
      expect(slopes.every(Number.isFinite)).toBe(true);
      expect(slopes.slice(0, 12).every((slope) => slope === 0)).toBe(true);
    });
  });
});

test("long sequences: as many paths as there are", () => {
  const [frames, labels, classes] = [421, 12, 14];
  // With all classes as likely the loss counts the paths: frames + labels over 2 labels.
  let paths = 0;
  for (let i = 1; i <= 2 * labels; i++) paths += Math.log((frames + labels - 2 * labels + i) / i);
  const x = parameter(zeros([1, frames, classes]).arraySync() as number[][][]);
  const loss = ctc(x, [Array.from({ length: labels }, (_, i) => i + 1)], { reduction: "sum" });
  loss.backward();
  evaluateSync(loss);
  close(loss.itemSync(), frames * Math.log(classes) - paths, { relative: 1e-6 });
  const slopes = x.grad?.arraySync() as number[][][];
  const sums = (slopes[0] as number[][]).map((frame) => frame.reduce((sum, slope) => sum + slope, 0));
  close(
    sums,
    sums.map(() => 0),
    { absolute: 1e-5 },
  );
});

test("other lengths and labels: no new plan", () => {
  const run = (options: object, y: number[][]): void => {
    const x = parameter(logits);
    ctc(x, y, options).backward();
    x.grad?.dataSync();
  };
  onEngine("cpu", () => {
    run({}, targets);
    const { plans } = profile();
    run({ inputLengths: [2, 4], targetLengths: [1, 2] }, targets);
    run(
      { inputLengths: [4, 1], targetLengths: [0, 1], blank: 1 },
      targets.map((row) => row.map(() => 2)),
    );
    expect(profile().plans).toBe(plans);
  });
});

test("targets that were read before are known", () => {
  const computed = tensor(
    [
      [1, 2],
      [2, 2],
    ],
    { dtype: "int32" },
  ).mul(1);
  computed.dataSync();
  close(ctc(tensor(logits), computed).itemSync(), ctc(tensor(logits), targets).itemSync());
});
