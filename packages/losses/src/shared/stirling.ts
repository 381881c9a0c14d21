import type { Tensor } from "@downhill/tensor";
import { where } from "@downhill/tensor";

/** Coefficients of 1/x, 1/x³, ... of Stirling's series of ln Γ(x): B(2k) / (2k (2k - 1)). */
export const stirlingSeries = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

const shift = 5;
// As many coefficients as the bound of the doc comment takes from there on.
const terms = 6;

/**
 * The error of Stirling's formula, $\ln\Gamma(x) - (x - \tfrac12) \ln x + x - \tfrac12 \ln 2\pi$ for $x > 0$: what is left of
 * log-gammas once their large parts have cancelled on paper. Within 1e-10 in float64, 1e-6 in float32.
 */
export function stirlingError(x: Tensor): Tensor {
  const low = x.less(shift);
  const inverse = where(low, x.add(shift), x).reciprocal();
  const asymptotic = horner(stirlingSeries.slice(0, terms), inverse.square()).mul(inverse);
  // Γ(x) = Γ(x + 5) / (x (x+1) (x+2) (x+3) (x+4)); with y = x + 5 and u = x y, (x+1)(x+4) = u + 4 and (x+2)(x+3) = u + 6.
  const near = where(low, x, 1);
  const y = near.add(shift);
  const u = near.mul(y);
  const square4 = y.square().square();
  const rest = near
    .add(0.5)
    .mul(near.reciprocal().mul(shift).log1p())
    .add(square4.div(u.add(4).mul(u.add(6))).log())
    .sub(shift);
  return asymptotic.add(where(low, rest, 0));
}

/** The polynomial with these coefficients (two or more), the constant first. */
export function horner(coefficients: readonly number[], x: Tensor): Tensor {
  const last = coefficients.length - 1;
  let sum = x.mul(coefficients[last] as number).add(coefficients[last - 1] as number);
  for (let k = last - 2; k >= 0; k--) sum = sum.mul(x).add(coefficients[k] as number);
  return sum;
}
