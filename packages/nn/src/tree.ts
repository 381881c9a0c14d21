import type { Layer } from "@downhill/tensor";
import { Parameter, Tensor } from "@downhill/tensor";

/** What a model is made of. */
export interface Tree {
  /** Parameters and kept state under their dotted names; a shared one appears under each of its names. */
  readonly parameters: readonly (readonly [name: string, parameter: Parameter])[];
  /** The model itself and every layer below it. */
  readonly layers: readonly Layer[];
}

/** A layer that says itself what it holds; others are searched field by field. */
interface Named extends Layer {
  children(): Iterable<readonly [name: string, child: unknown]>;
}

/** Whether `value` has a `forward` method. */
export function isLayer(value: unknown): value is Layer {
  return typeof value === "object" && value !== null && "forward" in value && typeof value.forward === "function";
}

/** Finds everything below `root`: in fields, and in arrays, maps and plain objects that fields hold. */
export function treeOf(root: Layer): Tree {
  const parameters: [string, Parameter][] = [];
  const layers: Layer[] = [];
  // A layer may know its parent; one that is used twice is visited twice.
  const above = new Set<object>();
  const visit = (value: unknown, path: string): void => {
    if (value instanceof Parameter) parameters.push([path, value]);
    if (value instanceof Tensor || typeof value !== "object" || value === null || above.has(value)) return;
    const children = isLayer(value) ? fieldsOf(value) : entriesOf(value);
    above.add(value);
    const first = parameters.length;
    if (isLayer(value)) layers.push(value);
    for (const [name, child] of children) visit(child, path === "" ? name : `${path}.${name}`);
    if (isLayer(value)) addHidden(value, path, first, parameters);
    above.delete(value);
  };
  visit(root, "");
  return { parameters, layers };
}

function fieldsOf(layer: Layer): Iterable<readonly [string, unknown]> {
  return hasChildren(layer) ? layer.children() : Object.entries(layer);
}

function hasChildren(layer: Layer): layer is Named {
  return "children" in layer && typeof layer.children === "function";
}

function entriesOf(value: object): Iterable<readonly [string, unknown]> {
  // Long lists are data.
  if (Array.isArray(value)) return typeof value[0] === "object" ? value.map((item, i) => [String(i), item]) : [];
  if (value instanceof Map) return [...value].map(([key, item]) => [String(key), item]);
  return Object.getPrototypeOf(value) === Object.prototype ? Object.entries(value) : [];
}

/** Parameters that a layer of another making keeps in private fields and tells only through `parameters()`. */
function addHidden(layer: Layer, path: string, first: number, into: [string, Parameter][]): void {
  if (hasChildren(layer) || typeof layer.parameters !== "function") return;
  const known = new Set(into.slice(first).map(([, parameter]) => parameter));
  layer.parameters().forEach((parameter, i) => {
    if (!known.has(parameter)) into.push([path === "" ? String(i) : `${path}.${i}`, parameter]);
  });
}

/** Sets the `training` flag of every layer that has one; the result puts the flags back. */
export function setTraining(model: Layer, training: boolean): () => void {
  const switched = treeOf(model).layers.filter(
    (layer) => typeof layer.training === "boolean" && layer.training !== training,
  );
  for (const layer of switched) layer.training = training;
  return () => {
    for (const layer of switched) layer.training = !training;
  };
}
