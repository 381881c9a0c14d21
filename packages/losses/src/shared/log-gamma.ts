import type { Tensor } from "@downhill/tensor";

// B_2k / (2k (2k - 1)), the coefficients of Stirling's series; from an argument of 4 on it is exact to 1e-11.
const series = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];
const start = 4;

/** How far above `base` the series is used. */
const steps = (base: number): number => Math.max(0, Math.ceil(start - base));

/**
 * ln Γ(base + x) - ln Γ(base) for a number `base` >= 1 and x >= 0, elementwise: 0 at 0, with its digits near it.
 *
 * $\ln\Gamma(b + x) - \ln\Gamma(b)$ with $B = b + n$: the difference of Stirling's series at $B + x$ and $B$, less
 * $\ln \prod_{k < n} (1 + x / (b + k))$.
 */
export function logGammaFrom(base: number, x: Tensor): Tensor {
  const far = base + steps(base);
  const ratio = x.mul(1 / far).log1p();
  const main = x
    .add(far - 0.5)
    .mul(ratio)
    .add(x.mul(Math.log(far) - 1));
  const result = main.add(tail(x.add(far).reciprocal()).sub(tailOf(1 / far)));
  const product = productLessOne(base, x);
  return product === null ? result : result.sub(product.log1p());
}

/** The derivative of {@link logGammaFrom}: ψ(base + x). */
export function digammaFrom(base: number, x: Tensor): Tensor {
  const n = steps(base);
  const z = x.add(base + n);
  const inverse = z.reciprocal();
  const square = inverse.square();
  const coefficients = series.map((each, k) => each * (2 * k + 1));
  let result = z
    .log()
    .sub(inverse.mul(0.5))
    .sub(square.mul(horner(coefficients, square)));
  for (let k = 0; k < n; k++) result = result.sub(x.add(base + k).reciprocal());
  return result;
}

/** The part of Stirling's series that vanishes at infinity, by 1 / z. */
function tail(inverse: Tensor): Tensor {
  return inverse.mul(horner(series, inverse.square()));
}

function tailOf(inverse: number): number {
  return inverse * series.reduceRight((sum, each) => sum * inverse * inverse + each, 0);
}

/** The polynomial with these coefficients (two or more), the constant first. */
function horner(coefficients: readonly number[], x: Tensor): Tensor {
  const last = coefficients.length - 1;
  let sum = x.mul(coefficients[last] as number).add(coefficients[last - 1] as number);
  for (let k = last - 2; k >= 0; k--) sum = sum.mul(x).add(coefficients[k] as number);
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
