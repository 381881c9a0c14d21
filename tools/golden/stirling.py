"""The error of Stirling's formula and its first two derivatives, with 40 digits; SciPy's log-gamma agrees where it can."""

import mpmath
from mpmath import mpf
from scipy.special import digamma, gammaln

from golden import write

mpmath.mp.dps = 40
places = [2.0**k for k in range(-20, 31)] + [0.75, 1.25, 1.5, 2.5, 3.0, 3.75, 4.5, 4.984375, 5.0, 5.015625, 5.5, 6.0, 7.0, 12.0]
rows = []
for place in sorted(set(places)):
    x = mpf(place)
    value = mpmath.loggamma(x) - (x - mpf(1) / 2) * mpmath.log(x) + x - mpmath.log(2 * mpmath.pi) / 2
    slope = mpmath.digamma(x) - mpmath.log(x) + 1 / (2 * x)
    bend = mpmath.polygamma(1, x) - 1 / x - 1 / (2 * x * x)
    assert abs(mpmath.loggamma(x) - gammaln(place)) <= 1e-12 * max(1, abs(gammaln(place)))
    assert abs(mpmath.digamma(x) - digamma(place)) <= 1e-12 * max(1, abs(digamma(place)))
    rows.append({"x": place, "value": float(value), "slope": float(slope), "bend": float(bend)})
write("losses", "stirling", rows, source=f"mpmath {mpmath.__version__}")
