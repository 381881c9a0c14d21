import { focal } from "@downhill/losses";
import { tensor, zeros } from "@downhill/tensor";
import type { ErrorRow } from "@downhill/testing";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";

const p = tensor([0.5, 0.25, 0.75]);
const t = [1, 0, 1];
const range = (call: () => unknown, message: string): ErrorRow => ({ call, error: RangeError, message });
const type = (call: () => unknown, message: string): ErrorRow => ({ call, error: TypeError, message });
/** What TypeScript would refuse. */
const wrong = <T>(value: unknown): T => value as T;

describe("focal", () => {
  errorSuite([
    range(() => focal(p, zeros([2])), 'focal: "target" expected the shape of "prediction" [3], got [2]'),
    range(() => focal(p, [0, 1, 2]), 'focal: "target" expected probabilities from 0 to 1, got 2 at position 2'),
    range(() => focal(p, t, { alpha: 1.5 }), 'focal: "alpha" expected a number in [0, 1], got 1.5'),
    range(() => focal(p, t, { alpha: -0.5 }), 'focal: "alpha" expected a number in [0, 1], got -0.5'),
    range(() => focal(p, t, { gamma: -1 }), 'focal: "gamma" expected a finite number of at least 0, got -1'),
    range(() => focal(p, t, { gamma: Number.NaN }), 'focal: "gamma" expected a finite number of at least 0, got NaN'),
    type(() => focal(p, t, { gamma: wrong("2") }), 'focal: "gamma" expected a number, got "2"'),
    type(
      () => focal(p, t, wrong({ beta: 1 })),
      'focal: "options" expected only alpha, gamma, reduction, sampleWeight, got "beta"',
    ),
    type(
      () => focal(p.sigmoid(), t),
      'focal: "prediction" expected logits, got the output of a sigmoid; remove the sigmoid, the loss applies its own',
    ),
  ]);
});
