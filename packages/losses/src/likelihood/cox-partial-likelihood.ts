import type { Tensor, TensorLike } from "@downhill/tensor";
import { arange, sameShape, where } from "@downhill/tensor";
import { checkChoice } from "../shared/choice.js";
import type { Domain } from "../shared/domain.js";
import { checkDomain, zeroAndOne } from "../shared/domain.js";
import { predictionOf, tensorOf } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { reduceLosses } from "../shared/reduce.js";
import type { Factors } from "../shared/weights.js";
import { asTensor, presence, product, sampleFactors, sum } from "../shared/weights.js";

/** Options of {@link coxPartialLikelihood}. */
export interface CoxPartialLikelihoodOptions extends LossOptions {
  /** How events at the same time share the risk: Efron's way is closer to the exact one, Breslow's simpler. @defaultValue "efron" */
  readonly ties?: "efron" | "breslow" | undefined;
  /**
   * Which subjects count, in the shape of the prediction: false (or 0) for those that only fill up a short group.
   *
   * @defaultValue all count
   */
  readonly mask?: TensorLike | undefined;
}

const finite: Domain = { expected: "finite numbers", has: Number.isFinite };
const flags = zeroAndOne("only 1 (event) and 0 (censored)");

// Far below any logarithm of a risk, and finite, so that 0 times it is 0.
const absent = -1e30;

/**
 * Negative partial log-likelihood of Cox's proportional hazards: for times to an event, some of which were not seen to the end.
 *
 * $$ \ell_i = \ln \sum_{j:\, t_j \ge t_i} e^{\eta_j} - \eta_i \qquad \text{where subject } i \text{ had the event} $$
 *
 * Subjects that were censored have no loss of their own, they count as at risk up to their time. Of $m$ events at the same time,
 * Efron's way takes $0, \tfrac1m, \tfrac2m, \dots$ of the risk of all $m$ out of the sum, in the order of the subjects; Breslow's
 * leaves the sum as it is. The mean divides by the number of events (the sum of their weights); torchsurv's by the number of
 * different event times. Without an event the loss is 0.
 *
 * Weights count in the sums, too, as in R's coxph: weight 2 is a subject twice (with ties: for Breslow's way), weight 0 none at
 * all. The loss compares all subjects of a group with each other, so its cost grows with the square of their number.
 *
 * @param prediction - $\eta$, `[..., subjects]`, logarithms of the relative risk: any real numbers. Leading axes hold separate
 * groups (strata)
 * @param time - $t$, `[..., subjects]`, of the event or the censoring, in any unit; compared as float32
 * @param event - `[..., subjects]`: 1 or true where the event happened, 0 or false where the subject was censored
 * @param options - `ties` (`"efron"` or `"breslow"`, default `"efron"`), `mask` (default: all subjects count), `reduction`,
 * `sampleWeight`
 * @returns the mean over all events (a scalar); `[..., subjects]`, 0 for the censored, for reduction `"none"`
 * @throws RangeError when the shapes differ, a time that JavaScript knows is not finite, an event other than 0 and 1, or an option is
 * out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { coxPartialLikelihood } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const risk = tensor([0.5, -1, 0.25, 1]);
 * await coxPartialLikelihood(risk, [3, 5, 5, 1], [1, 1, 1, 0]).item(); // => 0.584941
 * await coxPartialLikelihood(risk, [3, 5, 5, 1], [1, 1, 1, 0], { ties: "breslow" }).item(); // => 0.81599
 * @category Likelihoods
 * @reference Cox (1972), Regression Models and Life-Tables, https://doi.org/10.1111/j.2517-6161.1972.tb00899.x; Efron (1977), The
 * Efficiency of Cox's Likelihood Function for Censored Data, https://doi.org/10.1080/01621459.1977.10480613; torchsurv,
 * neg_partial_log_likelihood, https://opensource.nibr.com/torchsurv/
 */
export function coxPartialLikelihood(
  prediction: Tensor,
  time: TensorLike,
  event: TensorLike,
  options: CoxPartialLikelihoodOptions = {},
): Tensor {
  const fn = "coxPartialLikelihood";
  const reduction = checkOptions(fn, options, ["ties", "mask"]);
  const { ties = "efron" } = options;
  checkChoice(fn, "ties", ties, ["efron", "breslow"]);
  const risk = predictionOf(fn, "prediction", prediction);
  if (risk.rank === 0)
    throw new RangeError(`${fn}: "prediction" expected at least one axis (the subjects), got a scalar`);
  const times = tensorOf(fn, "time", time, "float32");
  const events = tensorOf(fn, "event", event);
  const mask = options.mask === undefined ? null : tensorOf(fn, "mask", options.mask);
  sameShape(fn, { prediction: risk, time: times, event: events, ...(mask === null ? {} : { mask }) });
  checkDomain(fn, "time", times, finite);
  checkDomain(fn, "event", events, flags);

  const { shape } = risk;
  const sample = sampleFactors(fn, options.sampleWeight, shape);
  // What is masked has weight 0: one rule for both.
  const present = product(shape, mask === null ? null : presence(mask), sample);
  const failing = product(shape, present, presence(events)) as Factors;
  if (risk.size === 0) return reduceLosses(risk, reduction, { factor: null, total: 0 });
  const weights = present === null ? null : asTensor(present, shape);
  const losses = lossPerEvent(risk, times, weights, asTensor(failing, shape), ties === "efron");
  return reduceLosses(losses, reduction, { factor: null, total: sum(failing) });
}

/** Weighted loss per subject: every subject i is compared with every j, in `[..., i, j]`. */
function lossPerEvent(given: Tensor, time: Tensor, weights: Tensor | null, failing: Tensor, efron: boolean): Tensor {
  const had = failing.greater(0);
  const risk = weights === null ? given : where(weights.greater(0), given, 0);
  const [timeOfI, timeOfJ] = [time.unsqueeze(-1), time.unsqueeze(-2)];
  const later = timeOfJ.greaterEqual(timeOfI);
  const atRisk = weights === null ? later : later.logicalAnd(weights.greater(0).unsqueeze(-2));
  const riskOfJ = where(atRisk, risk.unsqueeze(-2), absent);
  const top = riskOfJ.max({ axis: -1, keepDims: true }).detach();
  const relative = riskOfJ.sub(top).exp();

  let share: Tensor | null = null;
  let weight = failing;
  if (efron) {
    const tied = timeOfJ.equal(timeOfI).logicalAnd(had.unsqueeze(-2));
    const count = tied.sum({ axis: -1 }).cast("float32");
    const place = arange(given.shape.at(-1) as number);
    const before = tied
      .logicalAnd(place.unsqueeze(0).less(place.unsqueeze(1)))
      .sum({ axis: -1 })
      .cast("float32");
    const several = where(had, count, 1);
    share = where(tied, where(had, before, 0).div(several).neg().add(1).unsqueeze(-1), 1);
    if (weights !== null) weight = where(tied, failing.unsqueeze(-2), 0).sum({ axis: -1 }).div(several);
  }
  const parts = share === null ? relative : relative.mul(share);
  const total = (weights === null ? parts : parts.mul(weights.unsqueeze(-2))).sum({ axis: -1 });
  const logTotal = where(had, total, 1)
    .log()
    .add(where(had, top.squeeze(-1), 0));
  const own = where(had, risk, 0);
  const even = weight.mul(logTotal.sub(own));
  // Efron's way weighs all events of one time alike in the sums, and each by its own weight outside.
  const losses = weight === failing ? even : even.add(weight.sub(failing).mul(own));
  return where(had, losses, 0);
}
