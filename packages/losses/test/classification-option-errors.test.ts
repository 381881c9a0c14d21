import {
  asymmetricLoss,
  balancedWeights,
  categoricalFocal,
  distillation,
  evidential,
  focal,
  generalizedCrossEntropy,
  hingeEmbedding,
  klDivergence,
  ldam,
  multiLabelMargin,
  multiLabelSoftMargin,
  multiMargin,
  nll,
  poly1CrossEntropy,
  softMargin,
  squaredHinge,
  symmetricCrossEntropy,
} from "@downhill/losses";
import { tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";
import { logits, ofSigmoid, p, range, t, type, wrong } from "./support.js";

const oneHot = [
  [1, 0, 0],
  [0, 0, 1],
];
const given = logits.sub(3);

describe("what only one loss knows", () => {
  errorSuite([
    range(() => focal(p, [0, 1, 2]), 'focal: "target" expected probabilities from 0 to 1, got 2 at position 2'),
    range(() => focal(p, t, { alpha: 1.5 }), 'focal: "alpha" expected a number in [0, 1], got 1.5'),
    range(() => focal(p, t, { alpha: -0.5 }), 'focal: "alpha" expected a number in [0, 1], got -0.5'),
    range(() => focal(p, t, { gamma: -1 }), 'focal: "gamma" expected a finite number of at least 0, got -1'),
    range(() => focal(p, t, { gamma: Number.NaN }), 'focal: "gamma" expected a finite number of at least 0, got NaN'),
    type(() => focal(p, t, { gamma: wrong("2") }), 'focal: "gamma" expected a number, got "2"'),
    type(
      () => focal(p, t, wrong({ beta: 1 })),
      'focal: "options" expected only alpha, gamma, reduction, sampleWeight, got "beta"',
    ),
    type(() => focal(p.sigmoid(), t), ofSigmoid("focal", "logits")),
    type(() => asymmetricLoss(p.sigmoid(), t), ofSigmoid("asymmetricLoss", "logits")),
    range(
      () => asymmetricLoss(p, [0, 1, 2]),
      'asymmetricLoss: "target" expected probabilities from 0 to 1, got 2 at position 2',
    ),
    range(() => asymmetricLoss(p, t, { clip: 1 }), 'asymmetricLoss: "clip" expected a number in [0, 1), got 1'),
    range(() => asymmetricLoss(p, t, { clip: -0.1 }), 'asymmetricLoss: "clip" expected a number in [0, 1), got -0.1'),
    range(
      () => asymmetricLoss(p, t, { gammaNegative: -1 }),
      'asymmetricLoss: "gammaNegative" expected a finite number of at least 0, got -1',
    ),
    range(
      () => asymmetricLoss(p, t, { gammaPositive: Infinity }),
      'asymmetricLoss: "gammaPositive" expected a finite number of at least 0, got Infinity',
    ),
    range(
      () => squaredHinge(p, t),
      'squaredHinge: "target" expected only -1 and 1, got 0 at position 1; turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)',
    ),
    range(
      () => softMargin(p, t),
      'softMargin: "target" expected only -1 and 1, got 0 at position 1; turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)',
    ),
    type(() => softMargin(p.sigmoid(), [1, 1, -1]), ofSigmoid("softMargin", "logits")),
    range(() => hingeEmbedding(p, [1, 2, 1]), 'hingeEmbedding: "target" expected only -1 and 1, got 2 at position 1'),
    range(
      () => hingeEmbedding(p, [1, 1, 1], { margin: Number.NaN }),
      'hingeEmbedding: "margin" expected a finite number, got NaN',
    ),
    range(
      () => multiLabelSoftMargin(p, [0, 1, 2]),
      'multiLabelSoftMargin: "target" expected probabilities from 0 to 1, got 2 at position 2',
    ),
    range(
      () => multiLabelSoftMargin(p, t, { weight: [1, 2] }),
      'multiLabelSoftMargin: "weight" expected one number per class, shape [3], got shape [2]',
    ),
    range(
      () => multiLabelSoftMargin(tensor(1), 1),
      'multiLabelSoftMargin: "prediction" expected at least one axis (the labels), got a scalar',
    ),
    range(
      () => multiLabelSoftMargin(zeros([2, 0]), zeros([2, 0])),
      'multiLabelSoftMargin: "prediction" expected at least 1 label, got shape [2, 0]',
    ),
    type(() => multiLabelSoftMargin(p.sigmoid(), t), ofSigmoid("multiLabelSoftMargin", "logits")),
    range(
      () => multiLabelMargin(p, [0, 3, -1]),
      'multiLabelMargin: "target" expected classes from 0 to 2, then -1, got 3 at position 1; classes are counted from 0',
    ),
    range(
      () => multiLabelMargin(p, [0, -2, -1]),
      'multiLabelMargin: "target" expected classes from 0 to 2, then -1, got -2 at position 1',
    ),
    range(
      () => multiLabelMargin(p, [0.5, -1, -1]),
      'multiLabelMargin: "target" expected integers as classes, got 0.5 at position 0',
    ),
    range(
      () => multiLabelMargin(tensor(1), 0),
      'multiLabelMargin: "prediction" expected at least one axis (the classes), got a scalar',
    ),
    range(
      () => multiLabelMargin(zeros([2, 0]), zeros([2, 0])),
      'multiLabelMargin: "prediction" expected at least 1 class, got shape [2, 0]',
    ),
    range(() => multiMargin(logits, [0, 2], { p: wrong(3) }), 'multiMargin: "p" expected 1 or 2, got 3'),
    range(
      () => multiMargin(logits, [0, 2], { margin: Number.NaN }),
      'multiMargin: "margin" expected a finite number, got NaN',
    ),
    range(
      () => multiMargin(logits, [0, 2], { weight: [1, 2] }),
      'multiMargin: "weight" expected one number per class, shape [3], got shape [2]',
    ),
    type(
      () => nll(logits.softmax(), [0, 2]),
      'nll: "prediction" expected log-probabilities, got the output of a softmax; use logSoftmax instead of softmax',
    ),
    type(
      () => nll(given.sigmoid(), [0, 2]),
      'nll: "prediction" expected log-probabilities, got the output of a sigmoid; use its logarithm',
    ),
    range(
      () => nll(logits, [0, 2]),
      'nll: "prediction" expected log-probabilities, at most 0, got 2 at position 0; for logits use .logSoftmax() first',
    ),
    range(
      () => nll(given, [0, 2], { weight: [1, -2, 1] }),
      'nll: "weight" expected finite numbers of at least 0, got -2 at position 1',
    ),
    type(
      () => ldam(logits, [0, 2], wrong({})),
      'ldam: "classCounts" expected the number of examples of each class, got undefined',
    ),
    type(
      () => ldam(logits, [0, 2], wrong(undefined)),
      'ldam: "classCounts" expected the number of examples of each class, got undefined',
    ),
    range(
      () => ldam(logits, [0, 2], { classCounts: [1, 2] }),
      'ldam: "classCounts" expected one number per class, shape [3], got shape [2]',
    ),
    range(
      () => ldam(logits, [0, 2], { classCounts: [1, 0, 2] }),
      'ldam: "classCounts" expected finite numbers above 0, got 0 at position 1',
    ),
    type(
      () => ldam(logits, [0, 2], { classCounts: tensor([1, 2, 3]).add(1) }),
      'ldam: "classCounts" expected numbers that JavaScript knows, got computed ones; read them first',
    ),
    range(
      () => ldam(logits, [0, 2], { classCounts: [1, 2, 3], maxMargin: 0 }),
      'ldam: "maxMargin" expected a finite number above 0, got 0',
    ),
    range(
      () => ldam(logits, [0, 2], { classCounts: [1, 2, 3], scale: -1 }),
      'ldam: "scale" expected a finite number above 0, got -1',
    ),
    range(
      () => categoricalFocal(logits, [0, 2], { alpha: -1 }),
      'categoricalFocal: "alpha" expected a finite number of at least 0, got -1',
    ),
    range(
      () => categoricalFocal(logits, [0, 2], { alpha: [1, 2] }),
      'categoricalFocal: "alpha" expected one number per class, shape [3], got shape [2]',
    ),
    range(
      () => categoricalFocal(logits, [0, 2], { gamma: -0.5 }),
      'categoricalFocal: "gamma" expected a finite number of at least 0, got -0.5',
    ),
    range(
      () => categoricalFocal(logits, [0, 2], { labelSmoothing: 2 }),
      'categoricalFocal: "labelSmoothing" expected a number in [0, 1], got 2',
    ),
    range(
      () => poly1CrossEntropy(logits, [0, 2], { epsilon: Infinity }),
      'poly1CrossEntropy: "epsilon" expected a finite number, got Infinity',
    ),
    range(
      () => poly1CrossEntropy(logits, [0, 2], { labelSmoothing: -1 }),
      'poly1CrossEntropy: "labelSmoothing" expected a number in [0, 1], got -1',
    ),
    range(
      () => poly1CrossEntropy(logits, [0, 2], { weight: [1, 2] }),
      'poly1CrossEntropy: "weight" expected one number per class, shape [3], got shape [2]',
    ),
    range(
      () => generalizedCrossEntropy(logits, [0, 2], { q: 0 }),
      'generalizedCrossEntropy: "q" expected a number in (0, 1], got 0',
    ),
    range(
      () => generalizedCrossEntropy(logits, [0, 2], { weight: [1, 2] }),
      'generalizedCrossEntropy: "weight" expected one number per class, shape [3], got shape [2]',
    ),
    range(
      () => symmetricCrossEntropy(logits, [0, 2], { alpha: -1 }),
      'symmetricCrossEntropy: "alpha" expected a finite number of at least 0, got -1',
    ),
    range(
      () => symmetricCrossEntropy(logits, [0, 2], { beta: Number.NaN }),
      'symmetricCrossEntropy: "beta" expected a finite number of at least 0, got NaN',
    ),
    range(
      () => symmetricCrossEntropy(logits, [0, 2], { logZero: 0 }),
      'symmetricCrossEntropy: "logZero" expected a number in (-Infinity, 0), got 0',
    ),
    range(
      () => klDivergence(logits, oneHot),
      'klDivergence: "prediction" expected log-probabilities, at most 0, got 2 at position 0; for logits use .logSoftmax() first',
    ),
    range(
      () =>
        klDivergence(given, [
          [0, -1, 0],
          [0, 0, 0],
        ]),
      'klDivergence: "target" expected probabilities from 0 to 1, got -1 at position 1; for log-probabilities set logTarget: true',
    ),
    range(
      () => klDivergence(given, oneHot, { logTarget: true }),
      'klDivergence: "target" expected log-probabilities, at most 0, got 1 at position 0; for logits use .logSoftmax() first',
    ),
    type(
      () => klDivergence(given, oneHot, { logTarget: wrong(1) }),
      'klDivergence: "logTarget" expected true or false, got 1',
    ),
    type(
      () => klDivergence(given, oneHot, wrong({ logTargets: true })),
      'klDivergence: "options" expected only logTarget, reduction, sampleWeight, got "logTargets"',
    ),
    type(
      () => klDivergence(logits.softmax(), oneHot),
      'klDivergence: "prediction" expected log-probabilities, got the output of a softmax; use logSoftmax instead of softmax',
    ),
    range(
      () => evidential(logits, [0, 2], { form: wrong("ce") }),
      'evidential: "form" expected "mse", "log" or "digamma", got "ce"',
    ),
    range(
      () => evidential(logits, [0, 2], { evidence: wrong("tanh") }),
      'evidential: "evidence" expected "relu", "softplus" or "exp", got "tanh"',
    ),
    range(
      () => evidential(logits, [0, 2], { klWeight: -1 }),
      'evidential: "klWeight" expected a finite number of at least 0, got -1',
    ),
    range(
      () => distillation(logits, zeros([2, 2])),
      'distillation: "target" expected the shape of "prediction" [2, 3], got [2, 2]',
    ),
    type(
      () => distillation(logits, logits.softmax()),
      'distillation: "target" expected logits, got the output of a softmax; remove the softmax, the loss applies its own',
    ),
    type(() => distillation(logits.sigmoid(), logits), ofSigmoid("distillation", "logits")),
    range(
      () => distillation(logits, logits, { temperature: 0 }),
      'distillation: "temperature" expected a finite number above 0, got 0',
    ),
    range(() => distillation(logits, logits, { alpha: 2 }), 'distillation: "alpha" expected a number in [0, 1], got 2'),
    range(
      () => distillation(logits, logits, { labels: [0, 3] }),
      'distillation: "labels" expected class indices from 0 to 2 or "ignoreIndex" -100, got 3 at position 1; classes are counted from 0',
    ),
    range(
      () => distillation(logits, logits, { mask: [true] }),
      'distillation: "mask" expected one entry per example, shape [2], got shape [1]',
    ),
    range(
      () => distillation(tensor(1), tensor(1)),
      'distillation: "prediction" expected at least one axis (the classes), got a scalar',
    ),
    type(
      () => distillation(logits, logits, wrong({ teacher: logits })),
      'distillation: "options" expected only temperature, labels, alpha, ignoreIndex, mask, axis, reduction, sampleWeight, got "teacher"',
    ),
    range(
      () => balancedWeights([0, 3], { classes: 3 }),
      'balancedWeights: "labels" expected class indices from 0 to 2 or "ignoreIndex" -100, got 3 at position 1',
    ),
    range(
      () => balancedWeights([0, 0.5]),
      'balancedWeights: "labels" expected integers as class indices, got 0.5 at position 1',
    ),
    range(
      () => balancedWeights([0, -1]),
      'balancedWeights: "labels" expected class indices from 0 to 0 or "ignoreIndex" -100, got -1 at position 1',
    ),
    range(() => balancedWeights([]), 'balancedWeights: "labels" expected at least one label that counts, got none'),
    range(
      () => balancedWeights([-100, -100]),
      'balancedWeights: "labels" expected at least one label that counts, got none',
    ),
    range(
      () => balancedWeights([0, 1], { classes: 0 }),
      'balancedWeights: "classes" expected an integer of at least 1, got 0',
    ),
    range(
      () => balancedWeights([0, 1], { ignoreIndex: 0.5 }),
      'balancedWeights: "ignoreIndex" expected an integer from -2147483648 to 2147483647, got 0.5',
    ),
    type(
      () => balancedWeights(tensor([0, 1]).add(1)),
      'balancedWeights: "labels" expected labels that JavaScript knows, got computed ones; read them first',
    ),
    type(
      () => balancedWeights([0, 1], wrong({ class: 2 })),
      'balancedWeights: "options" expected only classes, ignoreIndex, got "class"',
    ),
    type(() => balancedWeights([0, 1], wrong(2)), 'balancedWeights: "options" expected an object, got 2'),
    type(() => balancedWeights(wrong(["a"])), 'balancedWeights: "labels" expected a number at [0], got "a"'),
  ]);
});
