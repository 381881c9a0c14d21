import { coxPartialLikelihood } from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { grad, parameter, tensor, zeros } from "@downhill/tensor";
import { close, engines, engineTolerance, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";

const risk = [0.5, -1, 0.25, 1, -0.5];
const time = [3, 5, 5, 1, 2];
const event = [1, 1, 1, 0, 1];
const both = ["efron", "breslow"] as const;

describe.each(engines)("coxPartialLikelihood on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  const on = (run: () => void) => (): void => onEngine(engine, run);
  const of = (order: readonly number[], options: object = {}): Tensor => {
    const pick = (list: readonly number[]): number[] => order.map((i) => list[i] as number);
    return coxPartialLikelihood(tensor(pick(risk)), pick(time), pick(event), options);
  };

  test.each(both)("%s: the order of the subjects does not matter", (ties) => {
    onEngine(engine, () => {
      const once = of([0, 1, 2, 3, 4], { ties }).itemSync();
      for (const order of [
        [4, 3, 2, 1, 0],
        [2, 0, 3, 1, 4],
      ])
        close(of(order, { ties }).itemSync(), once, tolerance);
    });
  });
  test.each(both)("%s: a mask is as if the masked subjects were not there, also where they hold NaN", (ties) => {
    onEngine(engine, () => {
      const mask = [1, 0, 1, 1, 1];
      const expected = of([0, 2, 3, 4], { ties });
      const given = tensor(risk.map((value, i) => (mask[i] === 0 ? Number.NaN : value)));
      for (const each of [mask, mask.map(Boolean), tensor(mask).greater(0)]) {
        const loss = (x: Tensor): Tensor => coxPartialLikelihood(x, time, event, { ties, mask: each });
        close(loss(given).itemSync(), expected.itemSync(), tolerance);
        const slope = grad(loss)(given).arraySync() as number[];
        expect(Math.abs(slope[1] as number)).toBe(0);
        for (const value of slope) expect(Number.isFinite(value)).toBe(true);
      }
    });
  });
  test.each(both)("%s: weight 0 is as if the subject were not there, equal weights change no mean", (ties) => {
    onEngine(engine, () => {
      for (const sampleWeight of [[1, 1, 0, 1, 1], tensor([0, 0, -1, 0, 0]).add(1)])
        close(of([0, 1, 2, 3, 4], { ties, sampleWeight }).itemSync(), of([0, 1, 3, 4], { ties }).itemSync(), tolerance);
      const doubled = of([0, 1, 2, 3, 4], { ties, sampleWeight: [2, 2, 2, 2, 2] }).itemSync();
      // Twice the weights add ln 2 to the logarithm of every sum.
      close(doubled - Math.LN2, of([0, 1, 2, 3, 4], { ties }).itemSync(), tolerance);
    });
  });
  test(
    "breslow: weight 2 is the same subject twice",
    on(() => {
      const sampleWeight = [1, 2, 1, 2, 1];
      const weighted = of([0, 1, 2, 3, 4], { ties: "breslow", sampleWeight });
      close(weighted.itemSync(), of([0, 1, 2, 3, 4, 1, 3], { ties: "breslow" }).itemSync(), tolerance);
    }),
  );
  test(
    "without ties both ways are the same; leading axes are separate groups",
    on(() => {
      const apart = (ties: "efron" | "breslow"): number =>
        coxPartialLikelihood(tensor(risk), [3, 5, 6, 1, 2], event, { ties }).itemSync();
      close(apart("efron"), apart("breslow"), tolerance);
      const order = [4, 2, 1, 0, 3];
      const rows = (list: number[]): number[][] => [list, order.map((i) => list[i] as number)];
      const groups = coxPartialLikelihood(tensor(rows(risk)), rows(time), rows(event), { reduction: "sum" });
      close(groups.itemSync(), 2 * of(order, { reduction: "sum" }).itemSync(), tolerance);
    }),
  );
  test(
    "no event, all masked, nobody there: 0, with gradient 0",
    on(() => {
      const zero = (x: Tensor, options: object, events: number[] | Tensor): void => {
        const loss = coxPartialLikelihood(x, zeros(x.shape), events, options);
        expect(Math.abs(loss.itemSync())).toBe(0);
        loss.backward();
        for (const value of x.grad?.dataSync() ?? []) expect(Math.abs(value)).toBe(0);
      };
      zero(parameter(risk), {}, [0, 0, 0, 0, 0]);
      zero(parameter(risk), {}, tensor(event).mul(0));
      zero(parameter(risk), { mask: [0, 0, 0, 0, 0] }, event);
      zero(parameter(risk), { sampleWeight: [0, 0, 0, 0, 0] }, event);
      zero(parameter([], { shape: [0] }), {}, zeros([0]));
      zero(parameter([], { shape: [2, 0] }), {}, zeros([2, 0]));
      expect(coxPartialLikelihood(zeros([0]), zeros([0]), zeros([0]), { reduction: "none" }).dataSync()).toHaveLength(
        0,
      );
    }),
  );
  test(
    "takes booleans, typed arrays and computed tensors",
    on(() => {
      const once = of([0, 1, 2, 3, 4]).itemSync();
      const boolean = event.map(Boolean);
      const computed = tensor(event).greater(0.5);
      const x = tensor(risk);
      for (const each of [boolean, Uint8Array.from(event), computed, computed.cast("int32")])
        close(coxPartialLikelihood(x, time, each).itemSync(), once, tolerance);
      close(coxPartialLikelihood(x, tensor(time).mul(1), event).itemSync(), once, tolerance);
    }),
  );
});
