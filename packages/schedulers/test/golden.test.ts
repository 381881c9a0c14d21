import type { ReduceOnPlateauOptions, Schedule } from "@downhill/schedulers";
import * as schedulers from "@downhill/schedulers";
import { expect, test } from "vitest";
import golden from "./golden/schedulers.json" with { type: "json" };

type Maker = (...parts: unknown[]) => Schedule;

/** A schedule from [name, ...arguments], where arguments may be schedules or lists of them. */
function build(form: unknown): unknown {
  if (!Array.isArray(form)) return form;
  if (typeof form[0] !== "string") return form.map(build);
  const make = (schedulers as unknown as Record<string, Maker>)[form[0]] as Maker;
  return make(...form.slice(1).map(build));
}

const rows = golden.rows.map((row) => ({ ...row, name: JSON.stringify(row.schedule ?? row.options) }));
const of = (kind: string) => rows.filter((row) => row.kind === kind);

function same(rates: readonly number[], wanted: readonly number[]): void {
  const most = Math.max(...wanted.map(Math.abs));
  const worst = Math.max(...wanted.map((rate, i) => Math.abs((rates[i] as number) - rate)));
  expect(worst).toBeLessThanOrEqual(1e-12 * most);
}

test("every scheduler of PyTorch has rows, of all 200 steps that it can take", () => {
  const names = [
    ..."StepLR MultiStepLR ConstantLR LinearLR ExponentialLR PolynomialLR CosineAnnealingLR CyclicLR".split(" "),
    ..."CosineAnnealingWarmRestarts OneCycleLR SequentialLR ChainedScheduler ReduceLROnPlateau".split(" "),
  ];
  for (const name of names) {
    const mine = rows.filter((row) => row.torch.startsWith(name));
    expect(mine.length, name).toBeGreaterThan(1);
    expect(Math.max(...mine.map((row) => row.rates.length)), name).toBeGreaterThanOrEqual(200);
  }
});

test.each([...of("schedule"), ...of("momentum")])(`$name is $torch: ${golden.source}`, ({ schedule, rates }) => {
  const ours = build(schedule) as Schedule;
  same(
    rates.map((_, step) => ours(step)),
    rates,
  );
});

// Where we differ: PyTorch's cosine is periodic and rises after T_max; ours has ended.
test.each(of("after the end"))("$name agrees with $torch up to its end and stays there", ({ schedule, rates }) => {
  const ours = build(schedule) as Schedule;
  same(
    rates.slice(0, 41).map((_, step) => ours(step)),
    rates.slice(0, 41),
  );
  expect(rates[80]).toBeCloseTo(1, 12);
  for (let step = 40; step < 200; step++) expect(ours(step)).toBe(0.1);
});

test.each(of("plateau"))("reduceOnPlateau of $lr with $name cuts as $torch does", ({ lr, options, metrics, rates }) => {
  const ours = schedulers.reduceOnPlateau(lr as number, options as ReduceOnPlateauOptions);
  const read = [ours(0)];
  for (const [i, metric] of (metrics as number[]).entries()) {
    ours.observe(metric);
    read.push(ours(i + 1));
  }
  same(read, rates);
});
