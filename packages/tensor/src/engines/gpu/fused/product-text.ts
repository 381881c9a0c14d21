import type { MatmulAttribute } from "../../../ops/contract.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { Product } from "../devices/device.js";
import { flatIndex, mostElements } from "../own/index-math.js";
import { sumProducts } from "../own/sum-products.js";
import type { PassBuilder } from "../pass.js";
import type { KernelText } from "./kernel-text.js";
import { quotient } from "./point.js";

/**
 * Statements that compute the thread's element of a product, a loop over all terms; the local that holds it, and what a device
 * needs to know to compute it in tiles instead. The factors are the first two arrays of the text.
 */
export function productText(
  node: PlanNode,
  text: KernelText,
  build: PassBuilder,
  epilogue: number,
): { value: string; product: Product } {
  const { batch, m, n, k, transposeA, transposeB, batchA, batchB } = node.attr as MatmulAttribute;
  const [left, right] = node.inputs as [PlanNode, PlanNode];
  for (const { shape } of [left, right, node])
    if (shape.size > mostElements)
      throw new RangeError(
        `gpu: "shape" expected at most ${mostElements} elements, which float32 can count, got ${shape.size}; use the engine "cpu"`,
      );
  const { body } = text;
  const [a, b] = [text.ownArray(build.place(left)), text.ownArray(build.place(right))];
  const total = body.variable("0.0");
  const [rest, column] = n === 1 ? ["this.thread.x", "0"] : quotient(body, "this.thread.x", n);
  const [sample, row] = batch === 1 ? ["0", rest] : m === 1 ? [rest, "0"] : quotient(body, rest, m);
  // What is kept in a local is a float.
  const start = (strides: readonly number[], coordinates: readonly string[]): string => {
    const index = flatIndex(coordinates, strides);
    return body.keep(index === "0" ? "0.0" : index.replaceAll(/\*(\d+)/g, "*$1.0"));
  };
  const startA = start([batchA ? m * k : 0, transposeA ? 1 : k], [sample, row]);
  const startB = start([batchB ? k * n : 0, transposeB ? k : 1], [sample, column]);
  body.add(
    sumProducts(
      body.name(),
      k,
      { read: (at) => `${a}[${at}]`, start: startA, step: transposeA ? m : 1 },
      { read: (at) => `${b}[${at}]`, start: startB, step: transposeB ? 1 : n },
      total,
    ),
  );
  const value = body.keep(total);
  return { value, product: { total, value, batch, m, n, k, transposeA, transposeB, batchA, batchB, epilogue } };
}
