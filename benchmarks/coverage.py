"""Which of NumPy's public functions Chainrule differentiates: each is called, and its derivative compared.

`python -m benchmarks.coverage` prints the counts; with `--write` it writes docs/numpy.md.

supported   NumPy's value, and the derivative of central differences
constant    NumPy's value, which a small change of the argument does not change
refused     a ChainruleError that names the function
confusing   any other exception
wrong       another value or derivative
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

import chainrule as cr

PAGE = Path(__file__).parent.parent / "docs" / "numpy.md"
STATES = ("supported", "constant", "refused", "confusing", "wrong")
STEP = 1e-6
# Calls are tried in this order, until one is accepted by NumPy.
USUAL_CALLS = ("{}(x)", "{}(x, y)", "{}(A)", "{}(A, B)", "{}([x, y])", "{}(x, 2)", "{}(A, 1, 0)")
USUAL_METHODS = ("x.{}()", "A.{}()", "x.{}(1)", "x.{}([0, 1])", "x.{}")
CALLS = {
    "ndarray.astype": "x.astype(np.float64)",
    "ndarray.byteswap": "x.byteswap()",
    "ndarray.choose": None,  # of whole numbers
    "ndarray.ctypes": None,
    "ndarray.data": None,
    "ndarray.dtype": None,
    "ndarray.flags": "x.flags.owndata",
    "ndarray.flat": "list(A.flat)",
    "ndarray.base": None,
    "ndarray.device": None,
    "ndarray.clip": "x.clip(0.5, 0.8)",
    "ndarray.compress": "x.compress([True, False, True])",
    "ndarray.diagonal": "A.diagonal()",
    "ndarray.dump": "x.dump('/dev/null')",
    "ndarray.dumps": "len(x.dumps())",
    "ndarray.dot": "A.dot(y)",
    "ndarray.fill": "(x.fill(2.0), x)[1]",
    "ndarray.getfield": "x.getfield(np.float64)",
    "ndarray.partition": "(x.partition(1), x)[1]",
    "ndarray.put": "(x.put([0], 3.0), x)[1]",
    "ndarray.repeat": "x.repeat(2)",
    "ndarray.reshape": "A.reshape(9)",
    "ndarray.resize": "x.resize((3,))",
    "ndarray.searchsorted": "x.searchsorted(0.5)",
    "ndarray.setfield": "x.setfield(1.0, np.float64)",
    "ndarray.setflags": "x.setflags(write=False)",
    "ndarray.sort": "(x.sort(), x)[1]",
    "ndarray.swapaxes": "A.swapaxes(0, 1)",
    "ndarray.take": "x.take([0, 2])",
    "ndarray.to_device": "x.to_device('cpu')",
    "ndarray.tobytes": "len(x.tobytes())",
    "ndarray.tofile": "x.tofile('/dev/null')",
    "ndarray.tolist": "x.tolist()",
    "ndarray.trace": "A.trace()",
    "ndarray.mT": "A.mT",
    "ndarray.item": "x.item(0)",
    "emath.logn": "np.emath.logn(2.0, x)",
    "emath.power": "np.emath.power(x - 0.5, 2.5)",
    "emath.sqrt": "np.emath.sqrt(x - 0.5)",
    "emath.log": "np.emath.log(x - 0.5)",
    "emath.log2": "np.emath.log2(x - 0.5)",
    "emath.log10": "np.emath.log10(x - 0.5)",
    "emath.arcsin": "np.emath.arcsin(2 * x)",
    "emath.arccos": "np.emath.arccos(2 * x)",
    "emath.arctanh": "np.emath.arctanh(2 * x)",
    "lib.stride_tricks.as_strided": "np.lib.stride_tricks.as_strided(x, (2, 2), (8, 8))",
    "lib.stride_tricks.broadcast_to": "np.lib.stride_tricks.broadcast_to(x, (2, 3))",
    "lib.stride_tricks.sliding_window_view": "np.lib.stride_tricks.sliding_window_view(x, 2)",
    "apply_along_axis": "np.apply_along_axis(lambda r: r * r[0], 0, A)",
    "apply_over_axes": "np.apply_over_axes(np.sum, A, [0])",
    "arange": "np.arange(x[0], 3.0)",
    "array_split": "np.array_split(x, 2)",
    "astype": "np.astype(x, float)",
    "average": "np.average(x, weights=y)",
    "base_repr": None,
    "acosh": "np.acosh(x + 1.0)",
    "arccosh": "np.arccosh(x + 1.0)",
    "empty_like": "np.shape(np.empty_like(x))",
    "array2string": "len(np.array2string(x))",
    "array_repr": "len(np.array_repr(x))",
    "array_str": "len(np.array_str(x))",
    "kaiser": "np.kaiser(5, x[0])",
    "require": "np.require(x)",
    "unique_all": "np.unique_all(x)[0]",
    "unique_counts": "np.unique_counts(x)[0]",
    "unique_inverse": "np.unique_inverse(x)[0]",
    "bincount": "np.bincount([0, 1, 1], x)",
    "broadcast_to": "np.broadcast_to(x, (2, 3))",
    "choose": "np.choose([0, 1, 0], [x, y])",
    "clip": "np.clip(x, 0.5, 1.0)",
    "compress": "np.compress([True, False, True], x)",
    "copyto": "(np.copyto(x, y, where=[True, False, True]), x)[1]",
    "cov": "np.cov(A)",
    "corrcoef": "np.corrcoef(A)",
    "cross": "np.cross(x, y)",
    "delete": "np.delete(x, 1)",
    "digitize": "np.digitize(x, [0.5, 1.0])",
    "dsplit": "np.dsplit(T, 2)",
    "einsum": "np.einsum('ij,j->i', A, y)",
    "expand_dims": "np.expand_dims(x, 0)",
    "extract": "np.extract([True, False, True], x)",
    "fill_diagonal": "(np.fill_diagonal(A, 2.0), A)[1]",
    "frompyfunc": "np.frompyfunc(lambda a: a * a, 1, 1)(x)",
    "full": "np.full((2, 3), x)",
    "full_like": "np.full_like(A, x)",
    "geomspace": "np.geomspace(x, 5.0)",
    "heaviside": "np.heaviside(x - 0.7, 0.5)",
    "histogram": "np.histogram([0.1, 0.5, 0.9], bins=2, weights=x)",
    "histogram2d": "np.histogram2d([0.1, 0.5, 0.9], [0.1, 0.5, 0.9], bins=2, weights=x)",
    "histogramdd": "np.histogramdd(A, bins=2, weights=x)",
    "hsplit": "np.hsplit(A, 3)",
    "insert": "np.insert(x, 1, y[0])",
    "interp": "np.interp(x, [0.0, 0.4, 2.0], y)",
    "ix_": "np.ix_([0, 1], [1, 0])",
    "ldexp": "np.ldexp(x, 2)",
    "linspace": "np.linspace(x, 5.0, 4)",
    "linalg.cholesky": "np.linalg.cholesky(S)",
    "linalg.matrix_power": "np.linalg.matrix_power(A, 3)",
    "linalg.multi_dot": "np.linalg.multi_dot([A, B, y])",
    "linalg.tensorinv": "np.linalg.tensorinv(A, 1)",
    "linalg.tensorsolve": "np.linalg.tensorsolve(A, y)",
    "logspace": "np.logspace(x, 1.0, 4)",
    "matvec": "np.matvec(A, y)",
    "moveaxis": "np.moveaxis(A, 0, 1)",
    "nan_to_num": "np.nan_to_num(x)",
    "nanpercentile": "np.nanpercentile(x, 30)",
    "nanquantile": "np.nanquantile(x, 0.3)",
    "partition": "np.partition(x, 1)",
    "argpartition": "np.argpartition(x, 1)",
    "pad": "np.pad(x, 2, mode='reflect')",
    "percentile": "np.percentile(x, 30)",
    "piecewise": "np.piecewise(x, [x < 0.7], [lambda v: v * v, 1.0])",
    "place": "(np.place(x, [True, False, True], y), x)[1]",
    "polyfit": "np.polyfit([0.0, 1.0, 2.5], x, 1)",
    "polyval": "np.polyval(x, y)",
    "put": "(np.put(x, [0], y), x)[1]",
    "put_along_axis": "(np.put_along_axis(x, np.array([0]), 1.0, 0), x)[1]",
    "putmask": "(np.putmask(x, x > 0.5, y), x)[1]",
    "quantile": "np.quantile(x, 0.3)",
    "repeat": "np.repeat(x, 2)",
    "reshape": "np.reshape(A, (9,))",
    "resize": "np.resize(x, (2, 2))",
    "roll": "np.roll(x, 1)",
    "rollaxis": "np.rollaxis(A, 1)",
    "searchsorted": "np.searchsorted([0.5, 1.0], x)",
    "select": "np.select([x < 0.7], [x * x], y)",
    "split": "np.split(x, 3)",
    "swapaxes": "np.swapaxes(A, 0, 1)",
    "take": "np.take(x, [0, 0, 2])",
    "take_along_axis": "np.take_along_axis(x, np.array([0, 2]), 0)",
    "tensordot": "np.tensordot(A, B, 1)",
    "tile": "np.tile(x, 2)",
    "trapezoid": "np.trapezoid(x, y)",
    "unstack": "np.unstack(A)",
    "vecmat": "np.vecmat(x, B)",
    "vsplit": "np.vsplit(A, 3)",
    "vstack": "np.vstack([x, y])",
    "where": "np.where(x > 0.7, x, y)",
    "c_": "np.c_[x, y]",
    "r_": "np.r_[x, y, 1.0]",
}  # fmt: skip
"""How a function is called where the usual calls say nothing: x, A, S and T are a vector, a matrix, a symmetric one and
an array of three axes that carry derivatives; y and B are plain. None: it takes no numbers."""
NO_NUMBERS = frozenset(
    [
        "asmatrix",
        "binary_repr",
        "bitwise_count",
        "bmat",
        "broadcast_shapes",
        "busday_count",
        "busday_offset",
        "can_cast",
        "datetime_as_string",
        "datetime_data",
        "diag_indices",
        "empty",
        "eye",
        "from_dlpack",
        "frombuffer",
        "fromfile",
        "fromfunction",
        "fromiter",
        "fromregex",
        "fromstring",
        "genfromtxt",
        "get_include",
        "get_printoptions",
        "getbufsize",
        "geterr",
        "geterrcall",
        "identity",
        "indices",
        "info",
        "is_busday",
        "isdtype",
        "isnat",
        "issubdtype",
        "load",
        "loadtxt",
        "mask_indices",
        "mintypecode",
        "nested_iters",
        "ones",
        "packbits",
        "printoptions",
        "promote_types",
        "save",
        "savetxt",
        "savez",
        "savez_compressed",
        "set_printoptions",
        "setbufsize",
        "seterr",
        "seterrcall",
        "show_config",
        "show_runtime",
        "test",
        "tri",
        "tril_indices",
        "triu_indices",
        "typename",
        "unpackbits",
        "zeros",
        "ravel_multi_index",
        "unravel_index",
        "gcd",
        "lcm",
        "bitwise_and",
        "bitwise_invert",
        "bitwise_left_shift",
        "bitwise_not",
        "bitwise_or",
        "bitwise_right_shift",
        "bitwise_xor",
        "invert",
        "left_shift",
        "right_shift",
        "linalg.test",
        "format_float_positional",
        "format_float_scientific",
        "bartlett",
        "blackman",
        "hamming",
        "hanning",
        "isfortran",
        "einsum_path",
        "result_type",
        "common_type",
        "min_scalar_type",
        "fft.fftfreq",
        "fft.test",
        "fft.rfftfreq",
    ]
)
"""Functions of settings, files, types, whole numbers and shapes."""

X, Y = np.array([0.31, 0.62, 0.87]), np.array([0.4, 1.3, 0.7])
MATRIX = np.array([[0.9, 0.21, 0.4], [0.13, 0.71, 0.36], [0.28, 0.55, 0.64]])
POINTS = {"x": X, "A": MATRIX, "S": MATRIX @ MATRIX.T + np.eye(3), "T": np.arange(1.0, 13.0).reshape(2, 3, 2) / 7}


MODULES = (
    (np, ""), (np.linalg, "linalg."), (np.fft, "fft."), (np.emath, "emath."),
    (np.lib.stride_tricks, "lib.stride_tricks."),
)  # fmt: skip


def public() -> dict[str, object]:
    """NumPy's public functions by the name behind `np.`."""
    found = {"c_": np.c_, "r_": np.r_}
    for module, prefix in MODULES:
        for name in sorted(dir(module)):
            function = getattr(module, name)
            if name.startswith("_") or isinstance(function, type) or not callable(function):
                continue
            found[prefix + name] = function
    found.update({f"ndarray.{name}": name for name in dir(np.ndarray) if not name.startswith("_")})
    return {
        name: function for name, function in found.items() if name not in NO_NUMBERS and CALLS.get(name, "") is not None
    }


def function_of(call: str, at: str) -> object:
    return eval(f"lambda {at}: {call}", {"np": np, "y": Y, "B": MATRIX.T + 0.3, "x": X, "A": MATRIX})


def leaves(y: object) -> list[object]:
    if isinstance(y, (tuple, list)):
        return [leaf for part in y for leaf in leaves(part)]
    return [y]


def plain_call(name: str) -> tuple[str, str] | None:
    """A call that NumPy accepts, and the argument that carries a derivative."""
    given = CALLS.get(name)
    usual = USUAL_METHODS if name.startswith("ndarray.") else USUAL_CALLS
    for text in (given,) if given else usual:
        call = text.format(f"np.{name}" if usual is USUAL_CALLS else name.removeprefix("ndarray."))
        at = next((a for a in POINTS if any(f"{c}{a}" in call for c in ("(", ", ", "["))), "x")
        at = "A" if call.startswith("A.") else at
        try:
            function_of(call, at)(POINTS[at].copy())
        except Exception:
            continue
        return call, at
    return None


def state(name: str, call: str, at: str) -> tuple[str, str]:
    """What becomes of a call, and the reason."""
    f, x = function_of(call, at), POINTS[at]
    tangent = np.cos(np.arange(x.size, dtype=float)).reshape(x.shape)
    value = leaves(f(x.copy()))
    moved = [leaves(f(x + s * STEP * tangent)) for s in (1, -1)]
    try:
        found, slopes = cr.jvp(f, (x,), (tangent,))
        backward = [cr.vjp(lambda z, k=k: leaves(f(z))[k], x) for k, v in enumerate(value) if _is_number(v)]
    except cr.ChainruleError as error:
        return ("refused" if name.rpartition(".")[2] in str(error) else "confusing"), f"{error}".partition("\n")[0]
    except Exception as error:
        return "confusing", f"{type(error).__name__}: {error}".partition("\n")[0]
    found, slopes = leaves(found), leaves(slopes)
    if len(found) != len(value):
        return "wrong", f"{len(found)} results, NumPy has {len(value)}"
    constant, backward = True, iter(backward)
    for k, (v, r, t) in enumerate(zip(found, value, slopes, strict=True)):
        if not _is_number(r):
            if not np.array_equal(v, r):
                return "wrong", f"{v}, NumPy has {r}"
            continue
        if np.shape(v) != np.shape(r) or not np.allclose(v, r, rtol=1e-12, atol=1e-13, equal_nan=True):
            return "wrong", f"{v}, NumPy has {r}"
        right = (np.asarray(moved[0][k]) - np.asarray(moved[1][k])) / (2 * STEP)
        constant = constant and not np.any(right)
        if not np.allclose(t, right, rtol=1e-5, atol=1e-7):
            return "wrong", f"derivative {t}, by differences {right}"
        _, pullback = next(backward)
        ct = np.sin(1.0 + np.arange(np.size(r), dtype=float)).reshape(np.shape(r))
        ct = ct * (1.0 - 0.7j) if np.iscomplexobj(r) else ct
        (back,) = pullback(ct if np.ndim(r) else ct.item())
        if not np.allclose(np.sum(back * tangent), np.sum((right * np.conj(ct)).real), rtol=1e-5, atol=1e-7):
            return "wrong", f"gradient {back}, by differences {np.sum(right * ct)} along the tangent"
    return ("constant" if constant else "supported"), ""


def _is_number(y: object) -> bool:
    return isinstance(y, (float, complex, np.ndarray, np.generic)) and np.asarray(y).dtype.kind in "fc"


def survey() -> dict[str, tuple[str, str]]:
    """The state of every public function, and a reason."""
    found = {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name in sorted(public(), key=lambda n: ("." in n, n)):
            called = plain_call(name)
            if called is None:
                found[name] = ("confusing", "no sample call is known")
            else:
                found[name] = state(name, *called)
    return found


def page(found: dict[str, tuple[str, str]]) -> str:
    counts = Counter(s for s, _ in found.values())
    lines = [
        "# NumPy, function by function",
        "",
        f"Made by `python -m benchmarks.coverage --write` with NumPy {_version()}: every public function of `np`,",
        "`np.linalg`, `np.fft`, `np.emath` and `np.lib.stride_tricks` that takes numbers, and every method and",
        "attribute of arrays, was called on samples, its value compared with NumPy's and its derivative, forward",
        "and in reverse, with central differences. Functions of files, settings, types, shapes are left out, so are",
        "`np.ma`, `np.random` and `np.polynomial`.",
        "",
        f"**{counts['supported']} supported, {counts['constant']} constant, {counts['refused']} refused.**",
        "",
    ]
    for kind, what in (
        ("supported", "Value and derivative are right, or a setting without a rule is refused by its name."),
        ("constant", "A small change of the argument does not change the answer: whole numbers, truth values, steps."),
        ("refused", "A `ChainruleError` names the function, at your line, before a derivative can get lost."),
    ):
        lines += [f"## {kind.capitalize()}", "", what, ""]
        lines += [f"`{name}`" + ("," if k < counts[kind] - 1 else "") for k, name in enumerate(
            n for n, (s, _) in found.items() if s == kind
        )]  # fmt: skip
        lines.append("")
    return "\n".join(lines)


def _version() -> str:
    return ".".join(np.__version__.split(".")[:2])


def main() -> None:
    found = survey()
    for kind in ("refused", "confusing", "wrong"):
        for name, (s, reason) in found.items():
            if s == kind:
                print(f"{kind:10} np.{name:28} {reason[:150]}")
    counts = Counter(s for s, _ in found.values())
    print(", ".join(f"{counts[s]} {s}" for s in STATES), f"of {len(found)}")
    if "--write" in sys.argv:
        PAGE.write_text(page(found))


if __name__ == "__main__":
    main()
