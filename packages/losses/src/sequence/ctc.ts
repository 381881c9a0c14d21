import type { Tensor, TensorLike } from "@downhill/tensor";
import { concat, evaluate, full, gather, hostValues, integer, take, tensor, where, zeros } from "@downhill/tensor";
import { checkFlag } from "../shared/flag.js";
import { predictionOf, refuseProbabilities, tensorOf } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { reduceLosses } from "../shared/reduce.js";
import { sampleWeighting, show } from "../shared/weights.js";
import type { Alignment } from "./ctc-lattice.js";
import { latticeOf } from "./ctc-lattice.js";

/** Options of {@link ctc}. */
export interface CtcOptions extends LossOptions {
  /** Frames of each example, integers from 0 to the extent of the time axis: `[batch]`. @defaultValue all frames */
  readonly inputLengths?: TensorLike | undefined;
  /** Labels of each example, integers from 0 to the extent of the label axis: `[batch]`. @defaultValue all labels */
  readonly targetLengths?: TensorLike | undefined;
  /** Class that stands for "no label". Keras and TensorFlow have it last. @defaultValue 0 */
  readonly blank?: number | undefined;
  /**
   * Targets that cannot be aligned with their frames count as loss 0 with gradient 0, instead of an error. They stay in the
   * divisor of the mean, as in PyTorch.
   *
   * @defaultValue false
   */
  readonly zeroInfinity?: boolean | undefined;
}

// Steps between states that a long sequence computes on the way.
const stretch = 64;

// Below any log-probability, and finite, so that differences of two of them are numbers.
const impossible = -1e30;

/**
 * Connectionist temporal classification: labels a sequence without knowing which frame belongs to which label. The softmax is
 * part of the loss.
 *
 * $$ \ell(x, y) = -\ln \sum_{\pi \,\in\, \mathcal{B}^{-1}(y)} \prod_{t=1}^{T} \mathrm{softmax}(x_t)_{\pi_t} $$
 *
 * where $\mathcal{B}$ takes the classes of all frames, merges repeats and then drops blanks. The mean is PyTorch's: each loss
 * divided by the number of its labels (at least 1), then the mean over the batch; `"sum"` and `"none"` do not divide.
 *
 * The sum over paths is taken forwards from the first frame and backwards from the last one at the same time, in the log domain.
 * Each pair of shapes is planned once: pad batches to few different ones. Beyond 384 frames the states in between are computed
 * when the loss is built.
 *
 * PyTorch raises nothing where a target cannot be aligned, its loss is infinite; here that is what a logit of -Infinity can do.
 *
 * @param logits - `[batch, time, classes]`, any real numbers, before a softmax (PyTorch: log-probabilities `[time, batch, classes]`;
 * the output of a log-softmax gives the same loss); -Infinity rules a class out
 * @param targets - `[batch, length]`, class indices without the blank; entries from the target's length on are not looked at.
 * JavaScript must know these values: data, or a tensor that was made from data or read before
 * @param options - `inputLengths` (default all frames), `targetLengths` (default all labels), `blank` (default 0), `zeroInfinity`
 * (default false), `reduction`, `sampleWeight` (per example)
 * @returns the mean over the batch (a scalar); `[batch]` for reduction `"none"`
 * @throws RangeError when a target has more labels, counting a blank between equal ones, than there are frames (naming the example;
 * see `zeroInfinity`), when a label is the blank or no class, a length or another option is out of its range, a shape does not fit;
 * TypeError when the logits come out of a softmax or the targets are still to be computed
 * @example
 * import { ctc } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[[1, 2, 0], [0, 3, 1], [2, 0, 1]]]);
 * await ctc(logits, [[1, 2]]).item(); // => 0.666137
 * await ctc(logits, [[1, 2]], { inputLengths: [2] }).item(); // => 1.288726
 * ctc(logits, [[1, 1]], { inputLengths: [2] }); // throws RangeError: ctc: "inputLengths" expected at least 3 frames
 * await ctc(logits, [[1, 1]], { inputLengths: [2], zeroInfinity: true }).item(); // => 0
 * @category Sequences
 * @reference Graves et al. (2006), Connectionist Temporal Classification, https://doi.org/10.1145/1143844.1143891; PyTorch 2.13,
 * torch.nn.CTCLoss, https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
 */
export function ctc(logits: Tensor, targets: TensorLike, options: CtcOptions = {}): Tensor {
  const fn = "ctc";
  const reduction = checkOptions(fn, options, ["inputLengths", "targetLengths", "blank", "zeroInfinity"]);
  const { blank = 0, zeroInfinity = false } = options;
  const x = predictionOf(fn, "logits", logits);
  refuseProbabilities(fn, logits, "logits", "logits");
  if (x.rank !== 3) throw new RangeError(`${fn}: "logits" expected shape [batch, time, classes], got ${show(x.shape)}`);
  const [batch, frames, classes] = x.shape as [number, number, number];
  if (classes === 0) throw new RangeError(`${fn}: "logits" expected at least 1 class, got shape ${show(x.shape)}`);
  integer(fn, "blank", blank, 0, classes - 1);
  checkFlag(fn, "zeroInfinity", zeroInfinity);
  const goal = tensorOf(fn, "targets", targets);
  if (goal.rank !== 2 || goal.shape[0] !== batch)
    throw new RangeError(
      `${fn}: "targets" expected shape [batch, length] with batch ${batch} as in "logits", got ${show(goal.shape)}`,
    );
  const stride = goal.shape[1] as number;
  const inputLengths = lengthsOf(fn, "inputLengths", options.inputLengths, batch, frames);
  const targetLengths = lengthsOf(fn, "targetLengths", options.targetLengths, batch, stride);
  const labels = known(fn, "targets", goal);
  const alignment = { labels, stride, inputLengths, targetLengths, blank };
  checkAlignment(fn, alignment, classes, zeroInfinity);
  const weighting = sampleWeighting(fn, options.sampleWeight, [batch]);

  if (x.size === 0) return reduceLosses(emptyLosses(x, targetLengths, zeroInfinity), reduction, weighting);
  const logProbability = logLikelihood(x, alignment);
  // Also where a class is ruled out by a logit of -Infinity, which only the device may know.
  const lost = logProbability.less(impossible / 10);
  const losses = where(lost, zeroInfinity ? 0 : Number.POSITIVE_INFINITY, logProbability.neg());
  if (reduction !== "mean") return reduceLosses(losses, reduction, weighting);
  const divisors = Float32Array.from(targetLengths, (count) => Math.max(1, count));
  return reduceLosses(losses.div(tensor(divisors)), reduction, weighting);
}

/** The logarithm of the sum over all paths, one per example. */
function logLikelihood(x: Tensor, alignment: Alignment): Tensor {
  const [batch] = x.shape as [number];
  const { steps, ...at } = latticeOf(x.shape, alignment);
  const [rows, width] = at.skip.shape as [number, number];
  // -Infinity would give Infinity - Infinity below.
  const table = concat([x.logSoftmax().reshape([x.size]).clip(impossible, Number.POSITIVE_INFINITY), [impossible, 0]]);
  const [blanks, labels] = [take(table, at.blanks), take(table, at.labels)];
  // The best of each frame goes into a sum of its own: what the paths have in common would cost their differences digits.
  const best = labels.max({ axis: -1, keepDims: true }).maximum(blanks).detach();
  const [ofBlank, ofLabel] = [unstack(blanks.sub(best)), unstack(labels.sub(best))];
  const first = tensor(
    Uint8Array.from({ length: width }, (_, i) => Number(i === 0)),
    { dtype: "bool" },
  );

  let blank = where(first, zeros([rows, width]), impossible);
  let label = full([rows, width], impossible);
  const move = (blankGain: Tensor | number, labelGain: Tensor | number): [blank: Tensor, label: Tensor] => {
    const before = gather(label, at.before, -1);
    const skipping = where(at.skip, before, impossible);
    return [logSumExpOf([blank, before], blankGain), logSumExpOf([label, blank, skipping], labelGain)];
  };
  for (let step = 0; step < steps; step++) {
    if (step % stretch === 0 && steps > 3 * stretch) compute(blanks, labels, best, blank, label);
    [blank, label] = move(ofBlank[step] as Tensor, ofLabel[step] as Tensor);
  }
  const [toBlank, toLabel] = move(0, 0);
  const meet = (forwards: Tensor, backwards: Tensor, same: Tensor): Tensor =>
    forwards.slice([0], [batch]).add(take(backwards.reshape([rows * width]), same));
  const paths = logSumExpOf([meet(toBlank, blank, at.sameBlank), meet(toLabel, label, at.sameLabel)], 0);
  return paths.logSumExp({ axis: -1 }).add(best.reshape([steps, 2, batch]).sum({ axis: [0, 1] }));
}

/** ln(sum of e^x) + gain of finite numbers, elementwise; few operations deep. */
function logSumExpOf(terms: readonly Tensor[], gain: Tensor | number): Tensor {
  const top = terms.reduce((a, b) => a.maximum(b)).detach();
  const sum = terms.map((x) => x.sub(top).exp()).reduce((a, b) => a.add(b));
  return sum.log().add(top.add(gain));
}

/**
 * Computes these now. Chains of a few thousand operations are computed on the way anyhow, in places that make no sense here:
 * with the states of every `stretch` steps known, the gradient starts from the nearest ones.
 */
function compute(...tensors: readonly Tensor[]): void {
  // What fails here fails again where the loss is read.
  evaluate(...tensors).catch(() => {});
}

/**
 * The entries along the first axis. Cut in two stages or more: the gradient of a cut is as large as what it was cut from, and
 * so many of them in the full size would be quadratic in the number of entries.
 */
function unstack(x: Tensor): Tensor[] {
  const [count, ...rest] = x.shape as [number, ...number[]];
  if (count === 1) return [x.reshape(rest)];
  const size = Math.ceil(count / 10);
  const parts: Tensor[] = [];
  for (let start = 0; start < count; start += size)
    parts.push(...unstack(x.slice([start], [Math.min(count, start + size)])));
  return parts;
}

/** Without frames only an empty target has an alignment. `x` holds nothing; it is there for its gradient. */
function emptyLosses(x: Tensor, targetLengths: ArrayLike<number>, zeroInfinity: boolean): Tensor {
  const lost = Float32Array.from(targetLengths, (count) => (count > 0 && !zeroInfinity ? Number.POSITIVE_INFINITY : 0));
  return x.sum({ axis: [1, 2] }).add(tensor(lost));
}

function lengthsOf(
  fn: string,
  name: string,
  value: TensorLike | undefined,
  batch: number,
  extent: number,
): ArrayLike<number> {
  if (value === undefined) return new Array<number>(batch).fill(extent);
  const given = tensorOf(fn, name, value);
  if (given.rank !== 1 || given.shape[0] !== batch)
    throw new RangeError(
      `${fn}: "${name}" expected one length per example, shape [${batch}], got ${show(given.shape)}`,
    );
  const lengths = known(fn, name, given);
  for (let i = 0; i < batch; i++) {
    const length = lengths[i] as number;
    if (!(Number.isInteger(length) && length >= 0 && length <= extent))
      throw new RangeError(`${fn}: "${name}" expected integers from 0 to ${extent}, got ${length} at position ${i}`);
  }
  return lengths;
}

function known(fn: string, name: string, x: Tensor): ArrayLike<number> {
  const host = x.size === 0 ? [] : hostValues(x);
  if (host !== null) return host;
  throw new TypeError(
    `${fn}: "${name}" expected values that are known, got a tensor that is still to be computed; read it first with await ${name}.data()`,
  );
}

/** Labels are classes other than the blank, and there are frames for all of them. */
function checkAlignment(fn: string, alignment: Alignment, classes: number, zeroInfinity: boolean): void {
  const { labels, stride, inputLengths, targetLengths, blank } = alignment;
  for (let example = 0; example < inputLengths.length; example++) {
    const count = targetLengths[example] as number;
    let needed = count;
    for (let i = 0; i < count; i++) {
      const at = example * stride + i;
      const label = labels[at] as number;
      if (!(Number.isInteger(label) && label >= 0 && label < classes && label !== blank))
        throw new RangeError(
          `${fn}: "targets" expected class indices from 0 to ${classes - 1} other than the blank ${blank}, got ${label} at [${example}][${i}]`,
        );
      if (i > 0 && label === labels[at - 1]) needed++;
    }
    const available = inputLengths[example] as number;
    if (needed > available && !zeroInfinity)
      throw new RangeError(
        `${fn}: "inputLengths" expected at least ${needed} frames for example ${example} (${count} labels and a blank between equal neighbours: ${needed - count}), got ${available}; leave it out, or set zeroInfinity: true`,
      );
  }
}
