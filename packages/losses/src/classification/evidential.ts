import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, softplus } from "@downhill/tensor";
import { checkChoice } from "../shared/choice.js";
import { checkSums, classInputs, classOptions, distributionOf, reduceClasses } from "../shared/classes.js";
import { digammaFrom, dirichletTerm } from "../shared/digamma.js";
import { checkOptions } from "../shared/options.js";
import type { ClassLossOptions } from "./class-options.js";

/** Options of {@link evidential}. */
export interface EvidentialOptions extends ClassLossOptions {
  /**
   * `"mse"`: expected squared error of the probabilities; `"log"`: negative logarithm of their mean; `"digamma"`: expected cross entropy.
   *
   * @defaultValue "mse"
   */
  readonly form?: "mse" | "log" | "digamma" | undefined;
  /** How logits become evidence: `"relu"`, `"softplus"` or `"exp"` (of logits cut at ±10). @defaultValue "relu" */
  readonly evidence?: "relu" | "softplus" | "exp" | undefined;
  /** Factor of the penalty for evidence of wrong classes, finite and >= 0. @defaultValue 1 */
  readonly klWeight?: number | undefined;
}

/**
 * Evidential classification: the logits are evidence for each class, so that a model can say how little it knows; evidence of wrong
 * classes is driven to 0.
 *
 * $$ \ell_\mathrm{mse} = \sum_c (q_c - p_c)^2 + \frac{p_c (1 - p_c)}{S + 1} \qquad
 *    \ell_\mathrm{log} = \sum_c q_c (\ln S - \ln \alpha_c) \qquad
 *    \ell_\mathrm{digamma} = \sum_c q_c \bigl(\psi(S) - \psi(\alpha_c)\bigr) $$
 *
 * with evidence $e$, $\alpha = e + 1$, $S = \sum_c \alpha_c$ and $p = \alpha / S$; the uncertainty is $C / S$ for $C$ classes. `klWeight`
 * times $\mathrm{KL}\bigl(\mathrm{Dir}(q + (1 - q)\,\alpha) \,\|\, \mathrm{Dir}(1)\bigr)$ is added. The paper anneals that factor: min(1,
 * epoch / 10).
 *
 * @param prediction - `[..., classes]`, logits: any real numbers
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`; or probabilities of the shape of
 * `prediction`, from 0 to 1, that sum to 1 (one-hot in the paper)
 * @param options - `form` (default `"mse"`), `evidence` (default `"relu"`), `klWeight` (>= 0, default 1), `ignoreIndex` (default -100),
 * `mask` (default all count), `axis` (default the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), probabilities are outside [0, 1] or do not sum to 1, a shape or an
 * option does not fit; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { evidential } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[4, 0, 1], [0, 0, 0]]);
 * const epoch = 5;
 * await evidential(logits, [0, 2], { klWeight: Math.min(1, epoch / 10), reduction: "none" }).array(); // => [0.410417, 0.833333]
 * await evidential(logits, [0, 2], { form: "digamma", klWeight: 0 }).item(); // => 1.0047619
 * @category Classification
 * @reference Sensoy, Kaplan & Kandemir (2018), Evidential Deep Learning to Quantify Classification Uncertainty,
 * https://arxiv.org/abs/1806.01768
 */
export function evidential(prediction: Tensor, target: TensorLike, options: EvidentialOptions = {}): Tensor {
  const fn = "evidential";
  const reduction = checkOptions(fn, options, ["form", "evidence", "klWeight", ...classOptions]);
  const { form = "mse", evidence = "relu", klWeight = 1 } = options;
  checkChoice(fn, "form", form, Object.keys(forms));
  checkChoice(fn, "evidence", evidence, Object.keys(evidences));
  inRange(fn, "klWeight", klWeight, 0, Number.POSITIVE_INFINITY);
  const inputs = classInputs(fn, prediction, target, options);
  checkSums(fn, inputs);
  if (inputs.x.size === 0) return reduceClasses(inputs, inputs.x.sum({ axis: -1 }), reduction);
  const e = evidences[evidence](inputs.x);
  const q = distributionOf(inputs);
  const losses = forms[form](e, q, inputs.classes);
  if (klWeight === 0) return reduceClasses(inputs, losses, reduction);
  return reduceClasses(inputs, losses.add(fromUniform(q.neg().add(1).mul(e), inputs.classes).mul(klWeight)), reduction);
}

const evidences = {
  relu: (x: Tensor) => x.relu(),
  softplus: (x: Tensor) => softplus(x),
  exp: (x: Tensor) => x.clip(-10, 10).exp(),
};

const total = (x: Tensor): Tensor => x.sum({ axis: -1, keepDims: true });

const forms = {
  mse: (e: Tensor, q: Tensor, classes: number): Tensor => {
    const strength = total(e).add(classes);
    const p = e.add(1).div(strength);
    const variance = p.mul(p.neg().add(1)).div(strength.add(1));
    return q.sub(p).square().add(variance).sum({ axis: -1 });
  },
  log: (e: Tensor, q: Tensor, classes: number): Tensor =>
    q.mul(total(e).add(classes).log().sub(e.log1p())).sum({ axis: -1 }),
  digamma: (e: Tensor, q: Tensor, classes: number): Tensor =>
    q.mul(digammaFrom(classes, total(e)).sub(digammaFrom(1, e))).sum({ axis: -1 }),
};

/** The divergence of the Dirichlet distribution of 1 + e from the uniform one, one per example. */
function fromUniform(e: Tensor, classes: number): Tensor {
  const ofSum = dirichletTerm(classes, e.sum({ axis: -1 }));
  return dirichletTerm(1, e).sum({ axis: -1 }).sub(ofSum);
}
