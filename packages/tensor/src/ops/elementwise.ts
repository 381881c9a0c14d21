import type { DType } from "../dtype.js";
import { promote } from "../dtype.js";
import type { Node } from "../node.js";
import { literal, makeNode } from "../node.js";
import { broadcast, show } from "../shape.js";
import type { ElementwiseOp, ElementwiseRow } from "./elementwise-row.js";
import * as table from "./elementwise-table.js";

export { type ElementwiseOp, type ElementwiseRow, elementwiseRows } from "./elementwise-row.js";
export { copyOp } from "./elementwise-table.js";

function unary(op: ElementwiseOp, x: Node): Node {
  const a =
    op.result === "float" ? cast(x, "float32") : op.result === "number" && x.dtype === "bool" ? cast(x, "int32") : x;
  return fold(op, a) ?? makeNode(op, a, null, null, a.shape, a.dtype);
}

function binary(op: ElementwiseOp, x: Node, y: Node): Node {
  let a = x;
  let b = y;
  let dtype: DType = "float32";
  if (x.dtype !== dtype || y.dtype !== dtype) {
    if (op.result !== "float") dtype = promote(x.dtype, y.dtype);
    if (op.result === "number" && dtype === "bool") dtype = "int32";
    a = cast(x, dtype);
    b = cast(y, dtype);
  }
  const folded = fold(op, a, b);
  if (folded !== null) return folded;
  const shape = broadcast(a.shape, b.shape);
  if (shape === null)
    throw new RangeError(
      `${op.name}: "other" expected a shape that broadcasts with ${show(a.shape)}, got ${show(b.shape)}; extents must be equal or 1, compared from the last axis`,
    );
  return makeNode(op, a, b, null, shape, op.result === "bool" ? "bool" : dtype);
}

/** What a node is the negative of, where that is exact: in float32. */
export const negated = (x: Node): Node | null => (x.op === table.negRow && x.dtype === "float32" ? x.a : null);

/**
 * Constants of formulas fold while the graph is built, so that the gradient of a mean stays a constant. Signs move outwards
 * as long as that costs nothing, to end in a difference: the rules of gradients are full of them.
 */
function fold(op: ElementwiseOp, a: Node, b?: Node): Node | null {
  const left = negated(a);
  if (b === undefined) {
    if (op === table.negRow && left !== null) return left;
  } else {
    const right = negated(b);
    if (right !== null && op === table.addRow) return sub(a, right);
    if (right !== null && op === table.subRow) return add(a, right);
    if (left !== null && op === table.addRow) return sub(b, left);
    if (op === table.mulRow || op === table.divRow) {
      if (left !== null && broadcast(a.shape, b.shape) === a.shape) return neg(binary(op, left, b));
      if (right !== null && broadcast(a.shape, b.shape) === b.shape) return neg(binary(op, a, right));
    }
  }
  if (a.op.kind !== "literal") {
    if (b?.op.kind !== "literal") return null;
    if (b.num === 1 && (op === table.mulRow || op === table.divRow)) return a;
    if (b.num === 0 && op === table.subRow) return a;
    return null;
  }
  if (b === undefined || b.op.kind === "literal") {
    const dtype = op.result === "bool" ? "bool" : a.dtype;
    return literal(evaluateNumbers(op, a.dtype === "int32", dtype, a.num, b?.num ?? 0, 0), dtype);
  }
  return a.num === 1 && op === table.mulRow ? b : null;
}

/** The value of an operation on numbers; `int32` says that the operands are int32, `dtype` is that of the result. */
export function evaluateNumbers(
  op: ElementwiseRow,
  int32: boolean,
  dtype: DType,
  x: number,
  y: number,
  z: number,
): number {
  const value = int32 && op.evaluateInt !== undefined ? op.evaluateInt(x, y) : op.evaluate(x, y, z);
  return dtype === "int32" ? value | 0 : value;
}

export const add = (x: Node, y: Node): Node => binary(table.addRow, x, y);
export const sub = (x: Node, y: Node): Node => binary(table.subRow, x, y);
export const mul = (x: Node, y: Node): Node => binary(table.mulRow, x, y);
export const div = (x: Node, y: Node): Node => binary(table.divRow, x, y);
export const maximum = (x: Node, y: Node): Node => binary(table.maximumRow, x, y);
export const minimum = (x: Node, y: Node): Node => binary(table.minimumRow, x, y);
export const pow = (x: Node, y: Node): Node => binary(table.powRow, x, y);
export const neg = (x: Node): Node => unary(table.negRow, x);
export const abs = (x: Node): Node => unary(table.absRow, x);
export const sign = (x: Node): Node => unary(table.signRow, x);
export const exp = (x: Node): Node => unary(table.expRow, x);
export const expm1 = (x: Node): Node => unary(table.expm1Row, x);
export const log = (x: Node): Node => unary(table.logRow, x);
export const log1p = (x: Node): Node => unary(table.log1pRow, x);
export const sqrt = (x: Node): Node => unary(table.sqrtRow, x);
export const sin = (x: Node): Node => unary(table.sinRow, x);
export const cos = (x: Node): Node => unary(table.cosRow, x);
export const tanh = (x: Node): Node => unary(table.tanhRow, x);
export const sigmoid = (x: Node): Node => unary(table.sigmoidRow, x);
export const erf = (x: Node): Node => unary(table.erfRow, x);
export const relu = (x: Node): Node => unary(table.reluRow, x);
export const floor = (x: Node): Node => unary(table.floorRow, x);
export const ceil = (x: Node): Node => unary(table.ceilRow, x);
export const round = (x: Node): Node => unary(table.roundRow, x);
export const copy = (x: Node): Node => makeNode(table.copyOp, x, null, null, x.shape, x.dtype);
export const equal = (x: Node, y: Node): Node => binary(table.equalRow, x, y);
export const notEqual = (x: Node, y: Node): Node => binary(table.notEqualRow, x, y);
export const less = (x: Node, y: Node): Node => binary(table.lessRow, x, y);
export const lessEqual = (x: Node, y: Node): Node => binary(table.lessEqualRow, x, y);

export function where(condition: Node, x: Node, y: Node): Node {
  const dtype = promote(x.dtype, y.dtype);
  const a = cast(condition, "bool");
  const b = cast(x, dtype);
  const c = cast(y, dtype);
  const inner = broadcast(b.shape, c.shape);
  const shape = inner && broadcast(a.shape, inner);
  if (shape === null)
    throw new RangeError(
      `where: expected shapes that broadcast together, got condition ${show(a.shape)}, ${show(b.shape)} and ${show(c.shape)}`,
    );
  return makeNode(table.whereRow, a, b, c, shape, dtype);
}

/** x cut to `low <= x <= high`; these are numbers. */
export function clip(x: Node, low: Node, high: Node): Node {
  const meet = promote(x.dtype, promote(low.dtype, high.dtype));
  const dtype = meet === "bool" ? "int32" : meet;
  return makeNode(table.clipRow, cast(x, dtype), cast(low, dtype), cast(high, dtype), x.shape, dtype);
}

/** The same values as another dtype. */
export function cast(x: Node, dtype: DType): Node {
  if (x.dtype === dtype) return x;
  if (x.op.kind === "literal") {
    const value =
      dtype === "int32" ? table.toIntRow.evaluate(x.num, 0, 0) : dtype === "bool" ? (x.num !== 0 ? 1 : 0) : x.num;
    return literal(value, dtype);
  }
  if (dtype === "bool") return notEqual(x, literal(0, x.dtype));
  if (dtype === "int32") return makeNode(table.toIntRow, x, null, null, x.shape, "int32");
  return makeNode(table.toFloatRow, x, null, null, x.shape, "float32");
}
