import type { ElementwiseOp } from "../../../ops/elementwise.js";
import type { PlanNode } from "../../../plan/plan.js";
import { isNumber } from "../../../plan/plan.js";
import type { PassBuilder, Place } from "../pass.js";
import { Domain, least } from "./domain.js";
import { elementwiseIntText, elementwiseText } from "./elementwise-text.js";
import type { KernelText } from "./kernel-text.js";
import type { Layout } from "./layout.js";
import { nan } from "./literal-text.js";
import type { Formula } from "./math-text.js";
import { checkExact, Point } from "./point.js";
import { coordinates, reduceText } from "./reduction-text.js";
import { uniformText } from "./uniform-text.js";

/** Writes how one pass gets values: read from arrays, or computed on the spot from those that are. */
export class Reading {
  constructor(
    private readonly layout: Layout,
    private readonly partial: ReadonlyMap<PlanNode, Place>,
    private readonly text: KernelText,
    private readonly build: PassBuilder,
  ) {}

  /** The value of a member at a point, which is where all its operands can be had. */
  compute(node: PlanNode, point: Point): string {
    const { at } = point;
    const operand = (i: number): string => (i < node.inputs.length ? this.operand(node, i, point) : "");
    switch (node.op.kind) {
      case "elementwise":
        return at.keep(formulaOf(node)(at, operand(0), operand(1), operand(2)));
      case "uniform":
        checkExact(node.shape.size);
        return uniformText(at, point.index(this.layout.domain(node)), operand(0), operand(1), operand(2));
      case "reduce":
        return this.reduce(node, point);
      case "pick":
        return this.pick(node, point);
      case "place": {
        const distance = at.keep(`${point.index(least(Domain.Column, this.layout.kernel))}-${operand(1)}`);
        return at.keep(`${distance}>-0.5&&${distance}<0.5?${operand(0)}:0.0`);
      }
      default:
        throw new Error(`programOf: internal error, "${node.op.name}" in a fused kernel`);
    }
  }

  /** Every `parts`-th term of a reduction, from `first` on. */
  reducePart(node: PlanNode, point: Point, first: string): string {
    const { layout } = this;
    const terms = layout.terms(node);
    const parts = layout.parts(node);
    const index = (i: string): string => `(${first}+${i}*${parts})`;
    return reduceText(node, this.text, point.at, {
      turns: Math.ceil(terms / parts),
      guard: terms % parts === 0 ? undefined : (i) => `${index(i)}<${terms}`,
      value: (block, i) => this.operand(node, 0, this.below(node, point, block, index(i))),
    });
  }

  private reduce(node: PlanNode, point: Point): string {
    const { layout, text } = this;
    const partial = this.partial.get(node);
    if (partial === undefined)
      return reduceText(node, text, point.at, {
        turns: layout.terms(node),
        value: (block, i) => this.operand(node, 0, this.below(node, point, block, i)),
      });
    const array = text.array(partial);
    const at = point.index(layout.domain(node));
    return reduceText(node, text, point.at, {
      turns: layout.parts(node),
      value: (block, i) => block.keep(`${array}[${node.shape.size === 1 ? i : `${i}*${node.shape.size}+${at}`}]`),
    });
  }

  /** The point of a term of a reduction. */
  private below(node: PlanNode, point: Point, block: Point["at"], index: string): Point {
    return new Point(block, this.layout.kernel, coordinates(this.layout.reduced(node), index), point);
  }

  private pick(node: PlanNode, point: Point): string {
    const { at } = point;
    const { columns } = this.layout.kernel;
    const index = this.operand(node, 1, point);
    const column = at.keep(`Math.floor(${index})`);
    const value = this.operand(node, 0, new Point(at, this.layout.kernel, { column }, point));
    return at.keep(`${column}>=0.0&&${column}<${columns}.0?${value}:${nan(at)}`);
  }

  /** Input `i` of a member. */
  private operand(node: PlanNode, i: number, point: Point): string {
    const input = node.inputs[i] as PlanNode;
    if (isNumber(input)) return this.text.number(input);
    const domain = this.layout.inputDomain(node, i);
    const home = point.home(domain);
    const key = `${input.index} ${domain}`;
    let value = home.known.get(key);
    if (value === undefined) {
      value =
        this.layout.inside.has(input) && !this.layout.stored.has(input)
          ? this.compute(input, home)
          : home.at.keep(`${this.text.array(this.build.place(input))}[${home.index(domain)}]`);
      home.known.set(key, value);
    }
    return value;
  }
}

function formulaOf(node: PlanNode): Formula {
  const { name } = node.op as ElementwiseOp;
  const int32 = node.inputs.at(-1)?.dtype === "int32";
  return ((int32 ? elementwiseIntText[name] : undefined) ?? elementwiseText[name]) as Formula;
}
