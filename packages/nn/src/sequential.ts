import type { Layer } from "@downhill/tensor";
import { describe, Tensor } from "@downhill/tensor";
import { Module } from "./module.js";
import { isLayer } from "./tree.js";

/**
 * Layers one after the other. Parameters are named by place (`"0.weight"`), or by key when the layers come as a record.
 *
 * @param layers - an array or a record of layers; anything with a `forward(x)` method is one
 * @throws TypeError when one of them has no `forward`, naming its place
 * @example
 * import { Linear, ReLU, Sequential } from "@downhill/nn";
 * import { zeros } from "@downhill/tensor";
 * const model = new Sequential([new Linear(784, 128), new ReLU(), new Linear(128, 10)]);
 * model.forward(zeros([32, 784])).shape; // => [32, 10]
 * model.parameters().map((parameter) => parameter.name).join(" "); // => "0.weight 0.bias 2.weight 2.bias"
 * new Sequential([ReLU]); // throws TypeError: Sequential: "layers" expected a layer with a forward method at 0, got a function
 */
export class Sequential extends Module {
  /** The layers in order. */
  readonly layers: readonly Layer[];
  readonly #names: readonly string[];

  constructor(layers: readonly Layer[] | Readonly<Record<string, Layer>>) {
    super();
    if (typeof layers !== "object" || layers === null || isLayer(layers))
      throw new TypeError(`Sequential: "layers" expected an array or a record of layers, got ${describe(layers)}`);
    const entries = Object.entries(layers);
    for (const [name, layer] of entries) {
      if (isLayer(layer)) continue;
      const fix = typeof layer === "function" ? "; make one with new" : "";
      throw new TypeError(
        `Sequential: "layers" expected a layer with a forward method at ${name}, got ${describe(layer)}${fix}`,
      );
    }
    this.#names = entries.map(([name]) => name);
    this.layers = entries.map(([, layer]) => layer);
    this.namedParameters(); // so that errors name parameters by their place
  }

  override children(): Iterable<readonly [name: string, child: unknown]> {
    return this.layers.map((layer, i) => [this.#names[i] as string, layer]);
  }

  override forward(x: Tensor): Tensor {
    let value = x;
    for (let i = 0; i < this.layers.length; i++) {
      value = (this.layers[i] as Layer).forward(value);
      if (!(value instanceof Tensor))
        throw new TypeError(
          `Sequential: layer ${this.#names[i]} expected to return a tensor from forward, got ${describe(value)}`,
        );
    }
    return value;
  }
}
