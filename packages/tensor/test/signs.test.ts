// Signs move outwards while a graph is built, and end in differences.

import { grad, parameter, tensor } from "@downhill/tensor";
import { describe, expect, it, test } from "vitest";
import type { Node } from "../src/node.js";
import { literal } from "../src/node.js";
import { add, div, mul, neg, sub } from "../src/ops/elementwise.js";
import { reduce } from "../src/ops/reduce.js";

/** A node as text: names of leaves, else op(inputs). */
function text(node: Node, names: ReadonlyMap<Node, string>): string {
  const name = names.get(node);
  if (name !== undefined) return name;
  if (node.op.kind === "literal") return String(node.num);
  const inputs = [node.a, node.b, node.c].filter((input) => input !== null);
  return `${node.op.name}(${inputs.map((input) => text(input, names)).join(" ")})`;
}

describe("a sign", () => {
  const x = tensor([[1, 2]], { dtype: "float32" }).node;
  const y = tensor([[3, 4]]).node;
  const wide = tensor([
    [1, 2],
    [3, 4],
  ]).node;
  const whole = tensor([[1, 2]], { dtype: "int32" }).node;
  const names = new Map([
    [x, "x"],
    [y, "y"],
    [wide, "wide"],
    [whole, "whole"],
  ]);
  const rows: readonly (readonly [string, Node])[] = [
    ["x", neg(neg(x))],
    ["sub(y x)", add(neg(x), y)],
    ["sub(x y)", add(x, neg(y))],
    ["add(x y)", sub(x, neg(y))],
    ["sub(neg(x) y)", sub(neg(x), y)],
    ["neg(mul(x y))", mul(neg(x), y)],
    ["mul(x y)", mul(neg(x), neg(y))],
    ["neg(div(x y))", div(x, neg(y))],
    ["neg(mul(x 2))", mul(neg(x), literal(2))],
    ["neg(sum(x))", reduce("sum", neg(x), [1])],
    ["max(neg(x))", reduce("max", neg(x), [1])],
    // It would have to be changed for more elements.
    ["mul(neg(x) wide)", mul(neg(x), wide)],
    // The smallest int32 is its own negative, and so stays as written.
    ["add(whole neg(whole))", add(whole, neg(whole))],
  ];
  it.each(rows)("%s", (expected, node) => {
    expect(text(node, names)).toBe(expected);
  });
});

test("a square has one term for its gradient, a product of two tensors has two", async () => {
  const x = parameter([3, -2]);
  expect(await grad((v) => v.mul(v).sum())(x).array()).toEqual([6, -4]);
  expect(await grad((v) => grad((w) => w.mul(w).mul(w).sum())(v).sum())(x).array()).toEqual([18, -12]);
  const y = x.mul(1);
  expect(await grad((v) => v.mul(y).sum())(x).array()).toEqual([3, -2]);
});
