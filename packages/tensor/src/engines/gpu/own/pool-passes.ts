import type { PoolAttribute } from "../../../ops/contract.js";
import type { PlanNode } from "../../../plan/plan.js";
import type { OwnPasses } from "../pass.js";
import { divide, flatIndex } from "./index-math.js";
import { PassText } from "./pass-text.js";
import { guard, loop, nanFlag } from "./text-pieces.js";

function geometry({ x, y, size, stride, padding }: PoolAttribute) {
  const [images, channels, height, width] = x as [number, number, number, number];
  const [, , outHeight, outWidth] = y as [number, number, number, number];
  return { planes: images * channels, height, width, outHeight, outWidth, size, stride, padding };
}

/** Statements for every element of the window at `oy`, `ox`; `at` is its index in the input. */
function eachElement(attr: PoolAttribute, plane: string, oy: string, ox: string, body: string): string {
  const { height, width, size, stride, padding } = geometry(attr);
  const along = (axis: "y" | "x", o: string, i: 0 | 1, extent: number, inner: string): string => {
    const at = flatIndex([o, `k${axis}`], [stride[i], 1]);
    const inside = padding[i] === 0 ? null : `i${axis}>=0&&i${axis}<${extent}`;
    const place = padding[i] === 0 ? at : `${at}-${padding[i]}`;
    return loop(`k${axis}`, size[i], `const i${axis}=${place};${guard(inside, inner)}`);
  };
  const index = `const at=${flatIndex([plane, "iy", "ix"], [height * width, width, 1])};`;
  return along("y", oy, 0, height, along("x", ox, 1, width, index + body));
}

/** Statements for every window over the element at `iy`, `ix`; `at` is its index in the output. */
function eachWindow(attr: PoolAttribute, plane: string, iy: string, ix: string, body: string): string {
  const { outHeight, outWidth, size, stride, padding } = geometry(attr);
  const first = (axis: "y" | "x", i: string, k: 0 | 1): string =>
    `const d${axis}=${flatIndex([i], [1], padding[k])};` +
    (stride[k] === 1 ? `const l${axis}=d${axis};` : divide(`d${axis}`, stride[k], `l${axis}`, `r${axis}`));
  // Back from the last window that begins before the element, as long as they reach it.
  const along = (axis: "y" | "x", k: 0 | 1, out: number, inner: string): string => {
    const [o, s] = [`o${axis}`, stride[k]];
    const holds = `${o}>=0&&${o}<${out}&&d${axis}-${s === 1 ? o : `${o}*${s}`}<${size[k]}`;
    const count = Math.ceil(size[k] / s);
    return loop(`b${axis}`, count, `const ${o}=l${axis}-b${axis};${guard(holds, inner)}`);
  };
  const index = `const at=${flatIndex([plane, "oy", "ox"], [outHeight * outWidth, outWidth, 1])};`;
  return first("y", iy, 0) + first("x", ix, 1) + along("y", 0, outHeight, along("x", 1, outWidth, index + body));
}

/** The coordinates of a thread per output, or per input. */
function coordinates(text: PassText, attr: PoolAttribute, of: "x" | "y") {
  const { planes, height, width, outHeight, outWidth } = geometry(attr);
  return text.coordinates(of === "x" ? [planes, height, width] : [planes, outHeight, outWidth]);
}

/** Padding never wins, the first largest element does, and the first NaN before it. */
const maxPoolIndex: OwnPasses = (node, build) => {
  const attr = node.attr as PoolAttribute;
  const [input] = node.inputs as [PlanNode];
  const text = new PassText(build);
  const x = text.read(input);
  const [plane, oy, ox] = coordinates(text, attr, "y");
  text.add("let found=-1.0;let best=0.0;let settled=0.0;");
  const better = "settled<0.5&&(found<0.0||nan>0.5||value>best)";
  const body = `const value=${x("at")};${nanFlag("nan", "value")}if(${better}){found=at;best=value;settled=nan;}`;
  text.add(eachElement(attr, plane, oy, ox, body));
  text.finish("found", node.shape.size, build.place(node));
};

const avgPool2d: OwnPasses = (node, build) => {
  const attr = node.attr as PoolAttribute;
  const [input] = node.inputs as [PlanNode];
  const text = new PassText(build);
  const x = text.read(input);
  const [plane, oy, ox] = coordinates(text, attr, "y");
  text.add(`let total=0.0;${eachElement(attr, plane, oy, ox, `total=total+${x("at")};`)}`);
  text.finish(`total/${attr.size[0] * attr.size[1]}.0`, node.shape.size, build.place(node));
};

const avgPool2dInput: OwnPasses = (node, build) => {
  const attr = node.attr as PoolAttribute;
  const [gradient] = node.inputs as [PlanNode];
  const text = new PassText(build);
  const g = text.read(gradient);
  const [plane, iy, ix] = coordinates(text, attr, "x");
  text.add(`let total=0.0;${eachWindow(attr, plane, iy, ix, `total=total+${g("at")};`)}`);
  text.finish(`total/${attr.size[0] * attr.size[1]}.0`, node.shape.size, build.place(node));
};

/** The gradient of max pooling: an element looks at the few windows over it, not at all indices. */
export function maxPoolGradient(attr: PoolAttribute): OwnPasses {
  return (node, build) => {
    const [gradient, index] = node.inputs as [PlanNode, PlanNode];
    const text = new PassText(build);
    const [g, chosen] = [text.read(gradient), text.read(index)];
    const [plane, iy, ix] = coordinates(text, attr, "x");
    const body = `if(${chosen("at")}===t){total=total+${g("at")};}`;
    text.add(`let total=0.0;${eachWindow(attr, plane, iy, ix, body)}`);
    text.finish("total", node.shape.size, build.place(node));
  };
}

export const poolPasses: Readonly<Record<string, OwnPasses>> = { maxPoolIndex, avgPool2d, avgPool2dInput };
