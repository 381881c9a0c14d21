import type { Tensor } from "@downhill/tensor";
import { tensor } from "@downhill/tensor";
import { close, gradcheck, inputOf, properties } from "@downhill/testing";
import { describe, expect, test } from "vitest";

describe("gradcheck", () => {
  const input = inputOf([
    [0.5, -1],
    [2, 0],
  ]);
  test("passes right gradients, also on kinks", () => {
    gradcheck((x) => x.square().mul(x).sum(), [input]);
    gradcheck((x) => x.abs().sum(), [input]);
    gradcheck((x) => x.relu().mul(x.sigmoid()).mean(), [input]);
    gradcheck((a, b) => a.mul(b).sum(), [input, inputOf([3, 4])]);
  });
  test("moves inputs into the domain", () => {
    gradcheck((x) => x.log().sum(), [inputOf([0, 1])]);
    gradcheck((x) => x.neg().add(1).log().sum(), [inputOf([0, 1])]);
  });
  test("finds wrong gradients", () => {
    const half = (x: Tensor) => x.mul(x.detach()).sum();
    expect(() => gradcheck(half, [input])).toThrow(
      /^gradient of input 0 at position 0 \(0\.5\): got 0\.5, central differences give 1/,
    );
    expect(() => gradcheck((a, b) => a.mul(b.detach()).sum(), [input, inputOf([3, 4])])).toThrow(
      /^gradient of input 1 at position 0/,
    );
    expect(() => gradcheck((x) => x.sum().detach().add(tensor(0)), [input])).toThrow("got 0");
  });
});

describe("close", () => {
  test("compares shapes, numbers and their place", () => {
    close(
      [
        [1, Number.NaN],
        [Number.POSITIVE_INFINITY, 0],
      ],
      [
        [1 + 1e-7, Number.NaN],
        [Number.POSITIVE_INFINITY, 0],
      ],
    );
    expect(() => close([1, 2], [1, 2, 3])).toThrow("expected length 3, got length 2");
    expect(() => close([1, [2]], [1, 2])).toThrow("expected the number 2 at [1], got an array of length 1");
    expect(() => close([[1, 2]], [[1, 2.1]], { relative: 0.01 })).toThrow("expected 2.1 at [0][1], got 2");
    expect(() => close([1], [Number.NaN])).toThrow("expected NaN");
    expect(() => close([Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY])).toThrow("expected -Infinity");
  });
});

test("properties fail where they do not hold", () => {
  const draws = [0.3, -0.7, 0.9, 0.1, -0.2, 0.5, 0.4, -0.9];
  let next = 0;
  const trial = {
    evaluate: ([a]: readonly { readonly values: readonly number[] }[]) =>
      a?.values.map((value, i) => value ** 3 - 1 - i) ?? [],
    draw: () => draws[next++ % draws.length] as number,
    inputs: [inputOf([0.5, 0.25])],
    target: inputOf([2, 1]),
  };
  for (const [name, check] of Object.entries(properties)) {
    let failed = false;
    for (let round = 0; round < 8; round++)
      try {
        check(trial);
      } catch {
        failed = true;
      }
    expect([name, failed]).toEqual([name, true]);
  }
});
