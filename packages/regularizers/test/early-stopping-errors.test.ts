import type { EarlyStoppingOptions } from "@downhill/regularizers";
import { EarlyStopping } from "@downhill/regularizers";
import type { Layer } from "@downhill/tensor";
import { parameter } from "@downhill/tensor";
import { describe, expect, test } from "vitest";

describe("wrong calls", () => {
  const weight = parameter([1]);
  const model: Layer = { forward: (x) => x, parameters: () => [weight] };
  const end =
    (options: EarlyStoppingOptions, metrics: Record<string, number>, layer: Layer = model) =>
    () =>
      new EarlyStopping(options).onEpochEnd({ model: layer, metrics });
  const errors: [name: string, call: () => unknown, error: Error][] = [
    [
      "no mode",
      () => new EarlyStopping({ metric: "validationAccuracy" }),
      new TypeError(
        'EarlyStopping: "mode" expected "min" or "max", got undefined; say whether lower or higher "validationAccuracy" is better',
      ),
    ],
    [
      "a name that only contains loss",
      () => new EarlyStopping({ metric: "lossless" }),
      new TypeError(
        'EarlyStopping: "mode" expected "min" or "max", got undefined; say whether lower or higher "lossless" is better',
      ),
    ],
    [
      "mode auto",
      () => new EarlyStopping({ mode: "auto" as never }),
      new RangeError(
        'EarlyStopping: "mode" expected "min" or "max", got "auto"; say whether lower or higher "validationLoss" is better',
      ),
    ],
    [
      "patience 0",
      () => new EarlyStopping({ patience: 0 }),
      new RangeError('EarlyStopping: "patience" expected an integer of at least 1, got 0'),
    ],
    [
      "a negative minDelta",
      () => new EarlyStopping({ minDelta: -1 }),
      new RangeError('EarlyStopping: "minDelta" expected a finite number of at least 0, got -1'),
    ],
    [
      "an unknown option",
      () => new EarlyStopping({ monitor: "loss" } as never),
      new TypeError(
        'EarlyStopping: "options" expected metric, mode, patience, minDelta, restoreBest, parameters, got "monitor"',
      ),
    ],
    [
      "the metric's name alone",
      () => new EarlyStopping("loss" as never),
      new TypeError('EarlyStopping: "options" expected an object such as { patience: 3 }, got "loss"'),
    ],
    [
      "restoreBest as text",
      () => new EarlyStopping({ restoreBest: "no" as never }),
      new TypeError('EarlyStopping: "restoreBest" expected true or false, got "no"'),
    ],
    [
      "a metric as number",
      () => new EarlyStopping({ metric: 1 as never }),
      new TypeError('EarlyStopping: "metric" expected the name of a metric, got 1'),
    ],
    [
      "a parameter alone",
      () => new EarlyStopping({ parameters: weight as never }),
      new TypeError(
        'EarlyStopping: "parameters" expected an iterable of Parameters, got a Parameter; pass model.parameters()',
      ),
    ],
    [
      "numbers as parameters",
      () => new EarlyStopping({ parameters: [1] as never }),
      new TypeError('EarlyStopping: "parameters" expected Parameters, got 1'),
    ],
    [
      "NaN",
      end({ metric: "loss" }, { loss: Number.NaN }),
      new RangeError('EarlyStopping: "loss" expected a number, got NaN in epoch 1; try a lower learning rate'),
    ],
    [
      "a metric that is no number",
      () => new EarlyStopping().observe("1" as never),
      new TypeError('EarlyStopping: "validationLoss" expected a number, got "1"'),
    ],
    [
      "an unknown metric",
      end({ metric: "acuracy", mode: "max" }, { loss: 1, accuracy: 0.5 }),
      new RangeError('EarlyStopping: "metric" expected one of "loss", "accuracy", got "acuracy"'),
    ],
    [
      "no validation data",
      end({}, { loss: 1 }),
      new RangeError(
        'EarlyStopping: "metric" expected one of "loss", got "validationLoss"; for it, give fit the option "validation"',
      ),
    ],
    [
      "a model without parameters()",
      end({ metric: "loss" }, { loss: 1 }, { forward: (x) => x }),
      new TypeError(
        'EarlyStopping: "model" expected a model with parameters(), got one without; pass { parameters }, or { restoreBest: false }',
      ),
    ],
  ];
  test.each(errors)("%s", (_, call, error) => expect(call).toThrow(error));

  test("restore() with nothing kept", async () => {
    const stopping = new EarlyStopping({ restoreBest: false, parameters: [weight] });
    stopping.observe(1);
    await expect(stopping.restore()).rejects.toThrow(
      "EarlyStopping.restore: no weights were kept; pass them to observe() or the constructor, with restoreBest: true",
    );
  });
  test("NaN counts as no epoch", () => {
    const stopping = new EarlyStopping();
    stopping.observe(1);
    expect(() => stopping.observe(Number.NaN)).toThrow("got NaN in epoch 2");
    expect(stopping.wait).toBe(0);
  });
});
