import type { Node } from "../node.js";
import { product } from "../ops/contract.js";
import { cast } from "../ops/elementwise.js";
import { expand, reshape } from "../ops/movement.js";
import type { Shape } from "../shape.js";
import { broadcast, shapeOf, show } from "../shape.js";

/** Matrix product with numpy's rules for vectors and leading axes. */
export function matmul(left: Node, right: Node): Node {
  const a = cast(left, "float32");
  const b = cast(right, "float32");
  if (a.shape.rank === 0 || b.shape.rank === 0)
    throw new RangeError('matmul: "other" expected tensors with at least one axis, got a scalar; use mul()');
  if (a.shape.rank === 2 && b.shape.rank === 2 && a.shape.dims[1] === b.shape.dims[0]) return product(a, b);
  const x = a.shape.rank === 1 ? reshape(a, shapeOf([1, a.shape.size])) : a;
  const y = b.shape.rank === 1 ? reshape(b, shapeOf([b.shape.size, 1])) : b;
  const [m, k] = x.shape.dims.slice(-2) as [number, number];
  const [inner, n] = y.shape.dims.slice(-2) as [number, number];
  if (k !== inner)
    throw new RangeError(
      `matmul: "other" expected ${k} rows to match shape ${show(a.shape)}, got shape ${show(b.shape)}; its second last axis has ${inner}`,
    );
  const outA = shapeOf(x.shape.dims.slice(0, -2));
  const outB = shapeOf(y.shape.dims.slice(0, -2));
  const lead = broadcast(outA, outB);
  if (lead === null)
    throw new RangeError(
      `matmul: "other" expected leading axes that broadcast with ${show(a.shape)}, got ${show(b.shape)}`,
    );
  const dims = [...lead.dims];
  if (a.shape.rank > 1) dims.push(m);
  if (b.shape.rank > 1) dims.push(n);
  // A matrix on the right serves every batch at once: one tall product.
  const result =
    outB.size === 1 && outA === lead
      ? product(reshape(x, shapeOf([outA.size * m, k])), reshape(y, shapeOf([k, n])))
      : product(batched(x, outA, lead, m, k), batched(y, outB, lead, k, n));
  return reshape(result, shapeOf(dims));
}

/** `[lead, rows, columns]`; without the batch axis when one matrix serves all. */
function batched(x: Node, own: Shape, lead: Shape, rows: number, columns: number): Node {
  if (own.size === 1 && lead.size !== 1) return reshape(x, shapeOf([rows, columns]));
  const full = own === lead ? x : expand(x, shapeOf([...lead.dims, rows, columns]));
  return reshape(full, shapeOf([lead.size, rows, columns]));
}
