import type { Tensor } from "@downhill/tensor";
import { horner, stirlingSeries } from "./stirling.js";

// From an argument of 4 on the series give ln Γ and its derivative to 1e-11.
const start = 4;
const slopes = stirlingSeries.map((each, k) => each * (2 * k + 1));

/** How far above `base` the series is used. */
const steps = (base: number): number => Math.max(0, Math.ceil(start - base));

/** ψ(base + x), the derivative of ln Γ, for a number `base` >= 1 and x >= 0, elementwise. */
export function digammaFrom(base: number, x: Tensor): Tensor {
  const z = x.add(base + steps(base));
  const below = belowLog(z.reciprocal()).add(inverses(base, x) ?? 0);
  return z.log().sub(below);
}

/**
 * $x\,\psi(b + x) - \ln\Gamma(b + x) + \ln\Gamma(b) - x$ for a number b = `base` >= 1 and x >= 0, elementwise: what one of the sums in
 * the divergence of a Dirichlet distribution from the uniform one contributes, without the parts of size $x \ln x$ and $x$, which cancel
 * there.
 *
 * By Stirling's series at $z = B + x$ with $B = b + n$ it is
 * $-(B - \tfrac12) \ln(z / B) - x\,d(z) - t(z) + t(B) - \sum_{k<n} x / (b + k + x) + \ln \prod_{k<n} (1 + x / (b + k))$,
 * where $\ln\Gamma(z) = (z - \tfrac12) \ln z - z + \tfrac12 \ln 2\pi + t(z)$ and $\psi(z) = \ln z - d(z)$.
 */
export function dirichletTerm(base: number, x: Tensor): Tensor {
  const far = base + steps(base);
  const inverse = x.add(far).reciprocal();
  const below = belowLog(inverse).add(inverses(base, x) ?? 0);
  const tail = inverse.mul(horner(stirlingSeries, inverse.square()));
  const atBase = stirlingSeries.reduceRight((sum, each) => sum / far ** 2 + each, 0) / far;
  const result = x
    .mul(1 / far)
    .log1p()
    .mul(0.5 - far)
    .sub(x.mul(below))
    .sub(tail)
    .add(atBase);
  const product = productLessOne(base, x);
  return product === null ? result : result.add(product.log1p());
}

/** ln z - ψ(z) by 1 / z. */
function belowLog(inverse: Tensor): Tensor {
  const square = inverse.square();
  return inverse.mul(0.5).add(square.mul(horner(slopes, square)));
}

/** The sum of 1 / (base + k + x) over the steps. */
function inverses(base: number, x: Tensor): Tensor | null {
  let sum: Tensor | null = null;
  for (let k = 0; k < steps(base); k++) {
    const next = x.add(base + k).reciprocal();
    sum = sum === null ? next : sum.add(next);
  }
  return sum;
}

/** The product of 1 + x / (base + k) over the steps, less 1: a polynomial whose terms are all positive. */
function productLessOne(base: number, x: Tensor): Tensor | null {
  let coefficients = [1];
  for (let k = 0; k < steps(base); k++) {
    const next = [...coefficients, 0];
    coefficients.forEach((each, i) => {
      next[i + 1] = (next[i + 1] as number) + each / (base + k);
    });
    coefficients = next;
  }
  const [, ...higher] = coefficients;
  if (higher.length === 0) return null;
  return higher.length === 1 ? x.mul(higher[0] as number) : x.mul(horner(higher, x));
}
