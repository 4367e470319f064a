"""Shapes at which the distributions of `scipy.stats` are tested, and points of each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

SHAPES: dict[str, tuple[float, ...]] = {
    "alpha": (3.6,), "crystalball": (2.1, 3.3), "truncpareto": (2.1, 5.4), "truncweibull_min": (2.5, 0.3, 1.9),
    "recipinvgauss": (0.6,), "genexpon": (9.1, 16.2, 3.3), "vonmises_line": (1.3,), "rel_breitwigner": (3.6,),
    "kappa4": (0.2, -0.1), "jf_skew_t": (8.0, 4.0), "geninvgauss": (2.3, 1.5), "genhyperbolic": (0.5, 1.5, -0.5),
    "dpareto_lognorm": (3.0, 1.2, 1.5, 2.0),
    "argus": (1.3,), "bradford": (1.7,), "burr": (4.5, 1.3), "burr12": (3.4, 2.1), "exponnorm": (1.5,),
    "f": (5.0, 9.0), "fatiguelife": (1.2,), "fisk": (3.1,), "foldcauchy": (1.7,), "foldnorm": (0.9,),
    "gengamma": (2.4, 1.6), "genextreme": (-0.15,), "genhalflogistic": (0.4,), "genlogistic": (0.7,),
    "genpareto": (0.13,), "invweibull": (3.6,), "invgamma": (4.1,), "johnsonsb": (1.4, 1.1), "johnsonsu": (0.6, 1.8),
    "loguniform": (0.3, 2.5), "lomax": (3.9,), "mielke": (4.6, 2.4), "ncx2": (3.2, 1.1), "norminvgauss": (1.25, 0.5),
    "pareto": (3.6,), "pearson3": (0.8,), "powerlaw": (1.66,), "reciprocal": (0.3, 2.5), "rice": (0.8,),
    "skewcauchy": (0.4,), "skewnorm": (2.3,), "t": (4.7,), "trapezoid": (0.25, 0.7), "triang": (0.35,),
    "truncexpon": (2.1,), "truncnorm": (-0.7, 1.9), "tukeylambda": (0.3,), "wrapcauchy": (0.4,), "beta": (2.3, 0.7),
    "betaprime": (3.1, 4.4), "rdist": (3.5,), "laplace_asymmetric": (1.4,), "loglaplace": (3.2,), "bernoulli": (0.3,),
    "binom": (7.0, 0.4), "nbinom": (2.5, 0.4), "geom": (0.3,), "logser": (0.6,), "planck": (0.7,), "dlaplace": (0.8,),
    "boltzmann": (0.7, 6.0), "zipf": (2.3,), "skellam": (1.7, 2.3), "betabinom": (7.0, 2.3, 1.1),
    "betanbinom": (4.0, 3.3, 1.2), "yulesimon": (2.7,), "nct": (6.3, 0.8), "ncf": (5.0, 9.0, 1.1), "ksone": (7.0,),
    "irwinhall": (5.0,), "gausshyper": (3.1, 2.3, 1.5, 0.8), "zipfian": (1.3, 10.0),
    "nchypergeom_fisher": (20.0, 7.0, 12.0, 0.6), "nchypergeom_wallenius": (20.0, 7.0, 12.0, 0.6),
}  # fmt: skip
OTHERS = [1.8, 2.7]
LEVELS = np.array([0.03, 0.4, 0.93])


def shapes(law: Any) -> tuple[float, ...]:
    return SHAPES.get(law.name) or tuple(OTHERS[: len(law.shapes)])


def difference(f: Any, x: float, size: float = 1.0) -> Any:
    """The derivative by a difference of the fourth order."""
    h = 1e-3 * size
    a, b, c, d = (np.asarray(f(x + k * h)) for k in (-2, -1, 1, 2))
    rough = (8 * (c - b) - (d - a)) / (12 * h)
    a, b, c, d = (np.asarray(f(x + k * h / 2)) for k in (-2, -1, 1, 2))
    fine = (8 * (c - b) - (d - a)) / (6 * h)
    return fine + (fine - rough) / 15


def finite(x: Any) -> bool:
    return all(math.isfinite(v) for v in np.ravel(x))
