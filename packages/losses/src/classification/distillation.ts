import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { classesLast } from "../shared/class-axis.js";
import type { ClassRows } from "../shared/classes.js";
import { classInputs, classOptions, classRows, reduceClasses, surpriseLoss } from "../shared/classes.js";
import { pairOf } from "../shared/elementwise.js";
import { refuseProbabilities } from "../shared/inputs.js";
import { logSoftmaxTerms } from "../shared/log-softmax-terms.js";
import { checkOptions } from "../shared/options.js";
import { asTensor, product } from "../shared/weights.js";
import type { ClassLossOptions } from "./class-options.js";

/** Options of {@link distillation}. */
export interface DistillationOptions extends ClassLossOptions {
  /** By what the logits of both are divided before the softmax, finite and above 0. @defaultValue 3 */
  readonly temperature?: number | undefined;
  /**
   * True labels, as in {@link crossEntropy}: class indices `[...]` (examples with `ignoreIndex` are left out) or probabilities.
   *
   * @defaultValue none: the student learns from the teacher alone
   */
  readonly labels?: TensorLike | undefined;
  /** Share of the teacher when there are labels, from 0 to 1; the labels get the rest. @defaultValue 0.5 */
  readonly alpha?: number | undefined;
}

/**
 * Knowledge distillation: a student learns the probabilities of a teacher, softened by a temperature, and the true labels beside them
 * where there are any.
 *
 * $$ \ell(x, z, y) = \alpha \, T^2 \sum_c q_c \, (\ln q_c - \ln p_c) - (1 - \alpha) \ln \mathrm{softmax}(x)_y \qquad
 *    q = \mathrm{softmax}(z / T), \quad p = \mathrm{softmax}(x / T) $$
 *
 * Without `labels`, $\alpha$ is 1. The factor $T^2$ keeps the gradients of both parts of the same size for any temperature. The default
 * of 3 and the equal shares are those of Keras.
 *
 * @param prediction - `[..., classes]`, logits of the student: any real numbers, before a softmax
 * @param target - `[..., classes]`, logits of the teacher, the shape of `prediction`; no gradient flows into them
 * @param options - `temperature` (above 0, default 3), `labels` (default none), `alpha` (0 to 1, default 0.5; only with `labels`),
 * `ignoreIndex` (default -100), `mask` (default all count), `axis` (default the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a label is out of range (naming it) or an option does not fit; TypeError when student or
 * teacher come out of a softmax or sigmoid
 * @example
 * import { distillation } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const student = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * const teacher = tensor([[3, -2, 0], [0, 1, 2]]);
 * await distillation(student, teacher).item(); // => 0.3049104
 * await distillation(student, teacher, { temperature: 2, labels: [0, 2], alpha: 0.7 }).item(); // => 0.3737375
 * @category Classification
 * @reference Hinton, Vinyals & Dean (2015), Distilling the Knowledge in a Neural Network, https://arxiv.org/abs/1503.02531; Keras 3,
 * LogitsDistillation, https://keras.io/api/
 */
export function distillation(prediction: Tensor, target: TensorLike, options: DistillationOptions = {}): Tensor {
  const fn = "distillation";
  const reduction = checkOptions(fn, options, ["temperature", "labels", "alpha", ...classOptions]);
  const { temperature = 3, labels, alpha = 0.5, axis = -1 } = options;
  inRange(fn, "temperature", temperature, 0, Number.POSITIVE_INFINITY, "low");
  inRange(fn, "alpha", alpha, 0, 1);
  const [student, teacher] = pairOf(fn, prediction, target);
  refuseProbabilities(fn, prediction, "logits");
  refuseProbabilities(fn, teacher, "logits", "target");

  const rows = classRows(fn, student, options);
  const ofTeacher = divergence(rows, classesLast(fn, teacher.detach(), axis), temperature);
  if (labels === undefined)
    return reduceClasses(
      { shape: rows.shape, factors: product(rows.shape, rows.mask, rows.sample) },
      ofTeacher,
      reduction,
    );
  const inputs = labelled(() => classInputs(fn, student, labels, options));
  // Its own weighting is left to the sum of both.
  const ofLabels = surpriseLoss({ ...inputs, factors: null }, "none", null, { weight: null });
  return reduceClasses(inputs, ofTeacher.mul(alpha).add(ofLabels.mul(1 - alpha)), reduction);
}

/** T² times the divergence of the student's softened probabilities from the teacher's, one per example. */
function divergence({ x, shape, mask }: ClassRows, given: Tensor, temperature: number): Tensor {
  if (x.size === 0) return x.sum({ axis: -1 });
  const teacher = mask === null ? given : where(asTensor(mask, shape).unsqueeze(-1), given, 0);
  const [logP, logQ] = [x, teacher].map((logits) => {
    const { shifted, logSum } = logSoftmaxTerms(logits.mul(1 / temperature));
    return shifted.sub(logSum.unsqueeze(-1));
  }) as [Tensor, Tensor];
  return logQ
    .exp()
    .mul(logQ.sub(logP))
    .sum({ axis: -1 })
    .mul(temperature ** 2);
}

/** Errors about the target of a loss of labels name the option that it came from. */
function labelled<T>(f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replace('"target"', '"labels"');
    throw error;
  }
}
