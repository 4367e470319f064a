"""Which functions of `scipy.special` Chainrule differentiates, and by which of their arguments: each is called.

`python -m benchmarks.scipy_coverage` prints the counts; with `--write` it writes docs/scipy.md.

supported   SciPy's value, and the derivative of central differences, by at least one argument
constant    SciPy's value, which a small change of the arguments does not change
refused     a ChainruleError that names the function, or the function and the argument
confusing   any other exception
wrong       another value or derivative
"""

from __future__ import annotations

import inspect
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import scipy.special

import chainrule as cr
from chainrule.carriers.complexes import Complex
from chainrule.complex_numbers import is_complex
from chainrule.scipy import special
from chainrule.scipy.stats import LAWS
from chainrule.scipy.stats.discrete import Counts

PAGE = Path(__file__).parent.parent / "docs" / "scipy.md"
STEP = 1e-5
VERSION = ".".join(scipy.__version__.split(".")[:2])
OBLATE, PROLATE = scipy.special.obl_cv(1, 1, 0.7), scipy.special.pro_cv(1, 1, 0.7)
SEARCHED = {"ncfdtridfd", "ncfdtridfn", "ncfdtrinc", "nctdtridf", "nctdtrinc", "nctdtrit", "ncfdtri"}
"""Values that SciPy finds by searching, to five digits or so: differences tell as many."""
# Arguments other than 0.7 for each, which most functions accept.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "assoc_laguerre": (0.7, 2, 1), "bdtr": (2, 5, 0.3), "bdtrc": (2, 5, 0.3), "bdtri": (2, 5, 0.3),
    "bdtrik": (0.4, 5, 0.3), "bdtrin": (2, 0.4, 0.3), "besselpoly": (0.7, 1, 0.5), "binom": (7.3, 2.2),
    "boxcox": (0.7, 0.3), "boxcox1p": (0.7, 0.3), "btdtria": (0.4, 2.0, 0.3), "btdtrib": (2.0, 0.4, 0.3),
    "chdtriv": (0.4, 1.3), "chndtr": (1.3, 3.0, 0.8), "chndtridf": (1.3, 0.4, 0.8), "chndtrinc": (4.4, 3.0, 0.5),
    "chndtrix": (0.4, 3.0, 0.8), "comb": (7.3, 2), "diric": (0.7, 5), "ellipj": (0.7, 0.3),
    "ellip_harm": (5.0, 8.0, 1, 1, 0.7), "ellip_harm_2": (5.0, 8.0, 1, 1, 10.0), "ellip_normal": (5.0, 8.0, 1, 1),
    "eval_gegenbauer": (3, 0.5, 0.7), "eval_genlaguerre": (3, 0.5, 0.7), "eval_jacobi": (3, 0.5, 1.5, 0.7),
    "eval_sh_jacobi": (3, 2.5, 1.5, 0.7), "expn": (2, 0.7), "factorial": (3.3,), "fdtr": (3.0, 4.0, 1.3),
    "fdtrc": (3.0, 4.0, 1.3), "fdtri": (3.0, 4.0, 0.3), "fdtridfd": (3.0, 0.4, 1.3), "gdtr": (1.5, 2.0, 0.7),
    "gdtrc": (1.5, 2.0, 0.7), "gdtria": (0.4, 2.0, 0.7), "gdtrib": (1.5, 0.4, 0.7), "gdtrix": (1.5, 2.0, 0.4),
    "huber": (0.5, 0.7), "hyp1f1": (0.5, 1.5, 0.7), "hyp2f1": (0.5, 1.5, 2.0, 0.3), "hyperu": (0.5, 1.5, 2.0),
    "kl_div": (0.7, 0.4), "log_wright_bessel": (0.7, 1.9, 0.3), "logsumexp": (np.array([0.3, 0.7]),),
    "softmax": (np.array([0.3, 0.7]),), "log_softmax": (np.array([0.3, 0.7]),), "lpmv": (1, 3, 0.3),
    "multigammaln": (3.3, 2), "kn": (1, 0.7), "yn": (1, 0.7), "nbdtr": (2, 5, 0.3), "nbdtrc": (2, 5, 0.3),
    "nbdtri": (2, 5, 0.3), "nbdtrik": (0.4, 5, 0.3), "nbdtrin": (2, 0.4, 0.3), "ncfdtr": (3.0, 4.0, 0.8, 1.3),
    "ncfdtri": (3.0, 4.0, 0.8, 0.4), "ncfdtridfd": (3.0, 0.4, 0.8, 1.3), "ncfdtridfn": (0.53, 4.0, 0.8, 1.3),
    "ncfdtrinc": (3.0, 4.0, 0.4, 1.3), "nctdtr": (3.0, 0.8, 1.3), "nctdtridf": (0.4, 0.8, 1.3),
    "nctdtrinc": (3.0, 0.4, 1.3), "nctdtrit": (3.0, 0.8, 0.4), "ndtri_exp": (-0.7,), "nrdtrimn": (0.4, 1.5, 0.7),
    "nrdtrisd": (0.3, 0.4, 0.7), "obl_ang1": (1, 1, 0.7, 0.3), "obl_ang1_cv": (1, 1, 0.7, OBLATE, 0.3),
    "obl_cv": (1, 1, 0.7), "obl_rad1": (1, 1, 0.7, 0.3), "obl_rad1_cv": (1, 1, 0.7, OBLATE, 0.3),
    "obl_rad2": (1, 1, 0.7, 0.3), "obl_rad2_cv": (1, 1, 0.7, OBLATE, 0.3), "pbdv": (0.5, 0.7), "pdtr": (2, 0.7),
    "pdtrc": (2, 0.7), "pdtri": (2, 0.3), "pdtrik": (0.9, 0.7), "perm": (7.3, 2), "poch": (0.7, 1.3),
    "polygamma": (1, 0.7), "powm1": (0.7, 1.3), "pro_ang1": (1, 1, 0.7, 0.3), "pro_ang1_cv": (1, 1, 0.7, PROLATE, 0.3),
    "pro_cv": (1, 1, 0.7), "pro_rad1": (1, 1, 0.7, 1.3), "pro_rad1_cv": (1, 1, 0.7, PROLATE, 1.3),
    "pro_rad2": (1, 1, 0.7, 2.3), "pro_rad2_cv": (1, 1, 0.7, PROLATE, 2.3), "pseudo_huber": (0.5, 0.7),
    "radian": (12.0, 30.0, 4.0), "rel_entr": (0.7, 0.4), "smirnov": (5, 0.3), "smirnovi": (5, 0.3),
    "sph_harm_y": (1, 0, 0.7, 0.3), "sph_legendre_p": (2, 1, 0.7), "assoc_legendre_p": (2, 1, 0.7),
    "legendre_p": (2, 0.7), "spherical_jn": (2, 0.7), "spherical_yn": (2, 0.7), "spherical_in": (2, 0.7),
    "spherical_kn": (2, 0.7), "stdtr": (3.0, 0.7), "stdtridf": (0.9, 1.9), "stdtrit": (3.0, 0.3),
    "struve": (1.0, 0.7), "modstruve": (1.0, 0.7), "voigt_profile": (0.7, 0.5, 0.3), "wright_bessel": (0.7, 1.9, 0.3),
    "zeta": (1.9, 0.7), "mathieu_a": (1, 0.7), "mathieu_b": (1, 0.7), "mathieu_cem": (1, 0.7, 0.3),
    "mathieu_modcem1": (1, 0.7, 0.3), "mathieu_modcem2": (1, 0.7, 0.3), "mathieu_modsem1": (1, 0.7, 0.3),
    "mathieu_modsem2": (1, 0.7, 0.3), "mathieu_sem": (1, 0.7, 0.3), "zetac": (1.9,), "betainc": (2.0, 1.5, 0.3),
    "betaincc": (2.0, 1.5, 0.3), "betaincinv": (2.0, 1.5, 0.3), "betainccinv": (2.0, 1.5, 0.3), "jvp": (1, 0.7, 1),
    "yvp": (1, 0.7, 1), "ivp": (1, 0.7, 1), "kvp": (1, 0.7, 1), "h1vp": (1, 0.7, 1), "h2vp": (1, 0.7, 1),
    "hankel1": (1, 0.7), "hankel1e": (1, 0.7), "hankel2": (1, 0.7), "hankel2e": (1, 0.7),
    "elliprj": (0.7, 1.9, 0.3, 0.5), "elliprd": (0.7, 1.9, 0.3), "elliprf": (0.7, 1.9, 0.3),
    "elliprg": (0.7, 1.9, 0.3), "tklmbda": (0.3, 0.7), "lambertw": (0.7,), "factorialk": (5, 2), "factorial2": (5,),
    "legendre_p_all": (2, 0.7), "assoc_legendre_p_all": (2, 1, 0.7), "sph_legendre_p_all": (2, 1, 0.7),
    "sph_harm_y_all": (2, 1, 0.7, 0.3), "riccati_jn": (2, 0.7), "riccati_yn": (2, 0.7), "lqn": (2, 0.7),
    "lmbda": (2, 0.7), "lqmn": (1, 2, 0.3), "pbdv_seq": (2, 0.7), "pbvv_seq": (2, 0.7), "mathieu_even_coef": (2, 0.7),
    "mathieu_odd_coef": (2, 0.7), "obl_cv_seq": (1, 2, 0.7), "pro_cv_seq": (1, 2, 0.7),
}  # fmt: skip
NAMES_OF_ARGUMENTS = "abcdefgh"
LEFT_OUT = ("roots", "zeros", "test", "seterr", "geterr", "errstate", "chebyc", "chebys", "chebyt", "chebyu",
            "gegenbauer", "genlaguerre", "hermite", "hermitenorm", "jacobi", "laguerre", "legendre", "sh_", "bernoulli",
            "euler", "stirling2", "SpecialFunction", "factorial2", "factorialk")  # fmt: skip
"""Functions of whole numbers, of settings, and those that make polynomials and quadratures."""


HEAD = """# SciPy, function by function

SciPy's special functions are differentiated as you call them, `scipy.special.jv(1, x)`: in every mode, to any order, on
floats, arrays and lists, under `jit` (there as calls of SciPy's own functions). The values are SciPy's.

## Special functions

Made by `python -m benchmarks.scipy_coverage --write` with SciPy {version}: every function of `scipy.special` that takes
real numbers was called on samples, its value compared with SciPy's and its derivative by each argument, forward and in
reverse, with central differences. **{supported} supported, {refused} refused.** Not listed are functions that make
polynomials and quadratures, and those of whole numbers only. The derivatives are written with other functions of this
table, so those of higher order follow; by shape parameters they are integrals, computed to about 13 digits.
"""


DISTRIBUTIONS = """## Distributions

`pdf logpdf cdf logcdf sf logsf ppf isf` (`pmf logpmf cdf logcdf sf logsf` of whole numbers), `median interval support
nnlf` and the moments below, by the variable, the shapes, `loc` and `scale`, frozen or not:

```pycon
>>> import numpy as np
>>> import scipy.stats
>>> import chainrule as cr
>>> def hazard(x, scale):
...     d = scipy.stats.gamma(2.0, scale=scale)
...     return d.pdf(x) / d.sf(x)
>>> slope, _ = cr.grad(hazard, argnums=(0, 1))(1.5, 3.0)
>>> round(slope, 12), round(1 / (3.0 + 1.5) ** 2, 12)  # it is x / (scale (scale + x))
(0.049382716049, 0.049382716049)

```

The density is computed by Chainrule, from the formula SciPy documents, so that it is compiled under `jit`;
probabilities and quantiles are SciPy's own, and their derivatives follow from the density: `logcdf` keeps the slope
that `log(cdf(x))` loses in a tail.

Also `multivariate_normal multivariate_t dirichlet wishart invwishart multinomial` (densities, and moments where they
are simple; covariances also as `Covariance.from_cholesky` and the others make them), `gaussian_kde` by points, data,
weights and bandwidth, the newer `Normal Uniform Logistic Binomial` and
what `make_distribution` makes of the distributions below, and of the statistics of data `zscore zmap gmean hmean pmean
skew kurtosis moment sem variation entropy pearsonr linregress`.

The maximum likelihood of a negative binomial, with the standard errors of its parameters from the Hessian:

```pycon
>>> from scipy.optimize import minimize
>>> visits = np.array([0, 2, 5, 1, 9, 3, 0, 4, 2, 12, 1, 0, 3, 6, 2])
>>> def loss(p):
...     size, mean = np.exp(p)
...     return -np.sum(scipy.stats.nbinom.logpmf(visits, size, size / (size + mean)))
>>> found = minimize(cr.value_and_grad(loss), np.zeros(2), jac=True, method="BFGS")
>>> size, mean = np.exp(found.x)
>>> round(float(mean), 4), round(float(np.mean(visits)), 4)
(3.3333, 3.3333)
>>> errors = np.sqrt(np.diag(np.linalg.inv(cr.hessian(loss)(found.x))))  # of the logarithms
>>> round(float(errors[1]), 3), round(float(np.sqrt((1 / mean + 1 / size) / len(visits))), 3)  # in closed form
(0.266, 0.266)

```

Refused by name: other distributions, `rvs`, `fit`, `expect`, and objects that are reached through attributes only
(`self.prior.logpdf(x)`: give the distribution a name in the function).
"""


def public() -> dict[str, Any]:
    """The functions of numbers, by name."""
    found = {}
    for name in sorted(dir(scipy.special)):
        function = getattr(scipy.special, name)
        left_out = any(name.startswith(p) or name.endswith(p) for p in LEFT_OUT)
        if name.startswith("_") or left_out or isinstance(function, type) or not callable(function):
            continue
        found[name] = function
    return found


def arguments(name: str, function: Any) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The names of a function's arguments, and numbers it accepts."""
    rule = special.UFUNCS.get(getattr(function, "__name__", name))
    given = ARGUMENTS.get(name)
    if given is None:
        given = (0.7,) * (function.nin if hasattr(function, "nin") else 1)
    known = getattr(rule, "arguments", None)
    if known is None:
        source = special.RULES.get(name) or (rule if rule and not hasattr(rule, "push") else None) or function
        try:
            known = tuple(inspect.signature(source).parameters)
        except (TypeError, ValueError):
            known = tuple(NAMES_OF_ARGUMENTS)
    if len(known) < len(given) or known[:1] == ("args",):
        known = tuple(NAMES_OF_ARGUMENTS)
    return known[: len(given)], given


def leaves(y: Any) -> list[Any]:
    """The results of a function as real numbers: the parts of complex ones."""
    if isinstance(y, (tuple, list)):
        return [leaf for part in y for leaf in leaves(part)]
    return [y.real, y.imag] if is_complex(y) or isinstance(y, Complex) else [y]


def by_argument(name: str, function: Any, given: tuple[Any, ...], k: int) -> tuple[str, str]:
    """What becomes of the derivative by argument k, and the reason."""

    def f(x: Any) -> Any:
        y = function(*given[:k], x, *given[k + 1 :])
        return leaves(y.real if name == "lambertw" else y)

    try:
        value = [np.asarray(v) for v in f(given[k])]
    except Exception as error:
        return "left out", f"{type(error).__name__}: {error}"
    title = f"scipy.special.{name}"
    try:
        found, slopes = cr.jvp(f, (given[k] * 1.0,), (np.ones_like(given[k] * 1.0)[()],))
        _, pullback = cr.vjp(f, given[k] * 1.0)
        (back,) = pullback([np.ones_like(v, float)[()] for v in value])
    except cr.ChainruleError as error:
        named = title in str(error) or f"scipy.special.{getattr(function, '__name__', name)}" in str(error)
        return ("refused" if named else "confusing"), str(error).partition("\n")[0]
    except Exception as error:
        return "confusing", f"{type(error).__name__}: {error}".partition("\n")[0]
    step = 1e-3 if name in SEARCHED else STEP
    moved = [f(given[k] + s * step) for s in (-2, -1, 1, 2)]
    constant = True
    for j, (v, r, t) in enumerate(zip(found, value, slopes, strict=True)):
        if not np.allclose(v, r.real, rtol=1e-10, atol=1e-14):
            return "wrong", f"{v}, SciPy has {r}"
        a, b, c, d = (np.asarray(m[j]).real for m in moved)
        right = (8 * (c - b) - (d - a)) / (12 * step)
        constant = constant and not np.any(right)
        if not np.allclose(t, right, rtol=3e-4 if name in SEARCHED else 1e-5, atol=1e-7):
            return "wrong", f"derivative {t}, by differences {right}"
    if not np.allclose(np.sum(back), sum(np.sum(t) for t in slopes), rtol=1e-9, atol=1e-12):
        return "wrong", f"in reverse {back}, forward {slopes}"
    return ("constant" if constant else "supported"), ""


def survey() -> dict[str, dict[str, tuple[str, str]]]:
    """Function -> argument -> what becomes of its derivative by it, and a reason."""
    found = {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, function in public().items():
            names, given = arguments(name, function)
            states = {a: by_argument(name, function, given, k) for k, a in enumerate(names)}
            found[name] = {a: s for a, s in states.items() if s[0] != "left out"}
    return {name: states for name, states in found.items() if states}


def overall(states: dict[str, tuple[str, str]]) -> str:
    kinds = {s for s, _ in states.values()}
    return next(kind for kind in ("wrong", "confusing", "supported", "constant", "refused") if kind in kinds)


def source(name: str, function: Any) -> str:
    rule = special.UFUNCS.get(getattr(function, "__name__", name))
    return getattr(rule, "source", "")


def page(found: dict[str, dict[str, tuple[str, str]]]) -> str:
    """The whole page."""
    kinds = {name: overall(states) for name, states in found.items()}
    counts = Counter(kinds.values())
    lines = [
        HEAD.format(version=VERSION, supported=counts["supported"], refused=counts["refused"]),
        "| function | differentiated by | refused by name | source |",
        "|---|---|---|---|",
    ]
    for name, states in found.items():
        if kinds[name] == "supported":
            by = ", ".join(a for a, (s, _) in states.items() if s in ("supported", "constant"))
            refused = ", ".join(a for a, (s, _) in states.items() if s == "refused")
            lines.append(f"| `{name}` | {by} | {refused} | {source(name, public()[name])} |")
    constant = ", ".join(f"`{n}`" for n, k in kinds.items() if k == "constant")
    refused = ", ".join(f"`{n}`" for n, k in kinds.items() if k == "refused")
    lines += ["", f"Without a slope: {constant}.", "", "Refused by name, at your line:", "", f"{refused}.", ""]
    return "\n".join([*lines, *distributions()])


def distributions() -> list[str]:
    """The table of distributions, from what they state."""
    head = "| distribution | shapes | moments | entropy | without a derivative |"
    lines = [DISTRIBUTIONS, head, "|---|---|---|---|---|"]
    for name, law in sorted(LAWS.items()):
        stated = law.moments if law.shapes else {"mean", "var", "entropy"}
        moments = ", ".join(m for m in ("mean", "var") if m in stated)
        held = ", ".join(law.whole + tuple(f"probabilities by {h}" for h in law.held or law.shapes * (law.cdf is None)))
        if isinstance(law, Counts):
            held = ", ".join(law.whole)
        entropy = "yes" if "entropy" in stated else ""
        lines.append(f"| `{name}` | {', '.join(law.shapes)} | {moments} | {entropy} | {held} |")
    return [*lines, ""]


def main() -> None:
    found = survey()
    for name, states in found.items():
        for argument, (s, reason) in states.items():
            if s in ("wrong", "confusing") or (overall(states) == "refused" and "-v" in sys.argv):
                print(f"{s:10} scipy.special.{name} by {argument}: {reason[:150]}")
    print(Counter(map(overall, found.values())), "of", len(found))
    if "--write" in sys.argv:
        PAGE.write_text(page(found))


if __name__ == "__main__":
    main()
