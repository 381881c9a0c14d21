// A loss with its gradient in Downhill and in PyTorch, from a row of facts.
import { countLabel, seeded } from "./data.mjs";
import { downhillLoss } from "./loss-case.mjs";

/**
 * The case of the loss `name`, a function of Downhill's losses. Its row has `inputs`, what to draw for each argument, in their order:
 * `(draw, shape) => array`; `learned`, the names of those that get a gradient (the first one, unless said); Downhill's `options`; and
 * `pytorch`, the same loss as a Python expression of the names of the inputs.
 */
export function lossRow(
  name,
  { inputs, learned = [Object.keys(inputs)[0]], options = {}, pytorch },
  { shape, title = name } = {},
) {
  return {
    title,
    rivals: ["downhill", "pytorch"],

    data() {
      const draw = seeded(11);
      return Object.fromEntries(Object.entries(inputs).map(([input, values]) => [input, values(draw, shape)]));
    },

    downhill: downhillLoss(
      (lib) =>
        (...tensors) =>
          lib.losses[name](...tensors, options),
      learned,
    ),
    pytorch: { kind: "loss", code: pytorch, learned },
  };
}

/** Cases of losses that take elements one by one: 1M of them, or any other number. */
export function elementwiseCases(rows) {
  const cases = ([name, row]) => {
    const sized = (count) => lossRow(name, row, { shape: [count], title: `${name}, ${countLabel(count)}` });
    return [`loss/${name}`, { ...lossRow(name, row, { shape: [1_000_000] }), sized }];
  };
  return Object.fromEntries(Object.entries(rows).map(cases));
}
