"""How long an officer works on a dossier: whole seconds of the shift, from one seeded draw each.

The draw is the value u of a cumulative distribution, the time its inverse there, so a dossier's time moves smoothly
with mean and spread and is the same whoever takes it up, and when:

* fixed: the mean;
* exponential: -mean ln(1 - u);
* lognormal: exp(mu + sigma z), z the standard normal quantile of u, sigma² = ln(1 + v²) and mu = ln mean - sigma²/2,
  with v the standard deviation beside the mean, so that the mean is the mean.

Rounded to seconds, and never none: what takes time ends after it began.
"""

from collections.abc import Callable
from math import exp, log, log1p, sqrt
from statistics import NormalDist

from services.contracts.staffing import ServiceTime, Spread

_NORMAL = NormalDist()

#: In place of the draw 0, which has no quantile: half of the smallest other one.
_LEAST_DRAW = 2.0**-54


def seconds_by_draw(service: ServiceTime) -> Callable[[float], int]:
    """The function from a draw in [0, 1) to whole seconds, at least 1."""
    mean_seconds = service.mean_minutes * 60
    if service.spread is Spread.FIXED:
        always = max(round(mean_seconds), 1)
        return lambda _value: always
    if service.spread is Spread.EXPONENTIAL:
        return lambda value: max(round(-mean_seconds * log1p(-value)), 1)
    variation = (service.variation_percent or 0) / 100
    sigma_squared = log1p(variation * variation)
    mu, sigma = log(mean_seconds) - sigma_squared / 2, sqrt(sigma_squared)
    quantile = _NORMAL.inv_cdf
    return lambda value: max(round(exp(mu + sigma * quantile(value or _LEAST_DRAW))), 1)
