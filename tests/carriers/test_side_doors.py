"""Everything that takes a carrier and gives back a thing: that has the derivative, or has none by its nature, or is
refused. Nothing comes out that has lost its history in silence."""

import array
import ast
import contextlib
import copy
import ctypes
import datetime
import decimal
import fractions
import inspect
import io
import json
import math
import operator
import pickle
import random
import statistics
import struct

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value
from chainrule.carriers.operators import Traced
from chainrule.errors import AnotherFunction, ArgumentError, CannotRecord, ChainruleError, DroppedDerivative
from chainrule.numbers import StandIn

pytestmark = [
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),  # many are asked outside of their domain
]

V = np.array([0.3, 0.9, 0.6])
MODES = {
    "reverse": lambda f, x: cr.grad(f)(x),
    "forward": lambda f, x: cr.jacfwd(f)(x),
    "hessian": lambda f, x: cr.vjp(lambda z: cr.value_and_grad(f)(z)[0], x)[1](1.0)[0],
}


class Labelled:
    """What a labelled array does: it computes with what is inside, and keeps a name."""

    def __init__(self, data, name=""):
        self.data, self.name = data, name

    def __mul__(self, other):
        return Labelled(self.data * (other.data if isinstance(other, Labelled) else other), self.name)

    __rmul__ = __mul__

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.data)


class Units(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **settings):
        plain = [np.asarray(x) for x in inputs]
        return getattr(ufunc, method)(*plain, **settings) * 2.0


class Named(np.ndarray):
    """A class of its own that computes as arrays do."""

    def __array_finalize__(self, made_from):
        self.name = getattr(made_from, "name", "")


# Of a number x: every one of these has to be differentiated rightly (the slope is 1) or refused.
NUMBERS = {
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "deepcopy in a list": lambda x: copy.deepcopy([x, {"a": x}])[1]["a"],
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "__reduce__": lambda x: x.__reduce__()[0](*x.__reduce__()[1]),
    "float": float,
    "complex": lambda x: complex(x).real,
    "np.float64": np.float64,
    "np.float32": np.float32,
    "item": lambda x: x.item(),
    "tolist": lambda x: x.tolist(),
    "np.asarray": lambda x: np.asarray(x, dtype=float),
    "__array__": lambda x: x.__array__(float),
    "memoryview": lambda x: memoryview(x)[0],
    "struct": lambda x: struct.unpack("d", struct.pack("d", x))[0],
    "Decimal": lambda x: float(decimal.Decimal(x)),
    "Fraction": lambda x: float(fractions.Fraction(x)),
    "as_integer_ratio": lambda x: operator.truediv(*x.as_integer_ratio()),
    "json": lambda x: json.loads(json.dumps(x)),
    "statistics.fmean": lambda x: statistics.fmean([x]),
    "statistics.mean": lambda x: statistics.mean([x, x]),
    "math.fsum": lambda x: math.fsum([x]),
    "sum of a generator": lambda x: sum(x for _ in range(1)),
    "buffer": lambda x: _filled(x),
    "np.fromiter": lambda x: np.fromiter([x], dtype=float)[0],
    "np.full": lambda x: np.full(1, x)[0],
    "np.full with a dtype": lambda x: np.full(1, x, dtype=float)[0],
    "np.array": lambda x: np.array([x])[0],
    "np.array of objects": lambda x: np.array([x], dtype=object)[0],
    "np.array with ndmin": lambda x: np.sum(np.array(x, ndmin=2)),
    "np.copyto": lambda x: _copied_to(x),
    "np.put": lambda x: _put(x),
    "np.real": np.real,
    "real": lambda x: x.real,
    "np.conj": np.conj,
    "conjugate": lambda x: x.conjugate(),
    "x + 0j": lambda x: (x + 0j).real,
    "np.real(x * (1+0j))": lambda x: np.real(x * (1 + 0j)),
    "np.imag(1j x)": lambda x: np.imag(1j * x),
    "np.imag(exp(1j x))": lambda x: np.imag(np.exp(1j * x)),
    "np.abs of complex": lambda x: np.abs(x * np.array(1j)),
    "Labelled": lambda x: (Labelled(np.ones(())) * x).data,
    "Labelled result": lambda x: Labelled(np.ones(())) * x,
    "Labelled operand": lambda x: np.sum(x * Labelled(np.ones(2))),
    "astype": lambda x: np.sum((x * np.ones(1)).astype(np.float32)),
    "dtype=": lambda x: np.sum(x * np.ones(1), dtype=np.float32),
    "dtype=int": lambda x: np.sum(x * np.ones(1), dtype=int),
    "masked operand": lambda x: np.sum(x * np.ma.array([1.0, 2.0], mask=[0, 1])),
    "masked operand, left": lambda x: np.sum(np.ma.array([1.0, 2.0], mask=[0, 1]) * x),
    "matrix operand": lambda x: np.sum(np.matrix([[1.0]]) * x),
    "Units operand": lambda x: np.sum(np.ones(1).view(Units) * x) / 2,
    "divmod by 1e9": lambda x: divmod(x, 1e9)[1],
    "object array, sum": lambda x: np.sum(_objects(x)),
    "object array, concatenate": lambda x: np.concatenate([_objects(x), np.zeros(1)])[0],
    "object array beside a carrier": lambda x: np.concatenate([_objects(x), np.zeros(1) * x])[0],
    "object array, dot": lambda x: np.dot(_objects(x), np.ones(1)),
    "object array, mean": lambda x: np.mean(_objects(x)),
    "object array, std": lambda x: np.std(np.array([x, -x], dtype=object)),
    "object array, where": lambda x: np.where([True], _objects(x), 0.0)[0],
    "object array, @": lambda x: (np.ones((1, 1)) * x @ _objects(1.0 * x / x))[0],
    "object array, result": lambda x: _objects(x).reshape(()),
    "object array, astype": lambda x: _objects(x).astype(float)[0],
    "np.savetxt": lambda x: _saved(x),
    "float of text": lambda x: float(str(x)),
    "float of what repr gives": lambda x: float(repr(x)),
    "float of an f-string": lambda x: float(f"{x:.17g}"),
    "int of text": lambda x: int(str(x)),
    "text of an array": lambda x: float(str(np.array([x])[0])),
    "literal_eval": lambda x: ast.literal_eval(str(x)),
    "Decimal of text": lambda x: float(decimal.Decimal(str(x))),
    "Fraction of text": lambda x: float(fractions.Fraction(str(x))),
    "bytes": lambda x: float(str(x).encode()),
    "print": lambda x: _printed(x),
    "array.array": lambda x: array.array("d", [x])[0],
    "ctypes": lambda x: ctypes.c_double(x).value,
    "frexp": lambda x: math.ldexp(*math.frexp(x)),
    "modf": lambda x: math.modf(x)[0],
    "ldexp": lambda x: math.ldexp(x, 3) / 8,
    "divmod": lambda x: divmod(x, 1.0)[1],
    "math.prod": lambda x: math.prod([x, 1]),
    "math.dist": lambda x: math.dist([x], [0.0]),
    "math.hypot": lambda x: math.hypot(x, 0.0),
    "statistics.median": lambda x: statistics.median([x]),
    "statistics.geometric_mean": lambda x: statistics.geometric_mean([x, x]),
    "NormalDist": lambda x: statistics.NormalDist(x, 1.0).mean,
    "random.uniform": lambda x: random.Random(0).uniform(x, x),
    "datetime": lambda x: datetime.timedelta(seconds=x).total_seconds(),
    "np.save": lambda x: np.save(io.BytesIO(), x) or x,
    "np.fromstring": lambda x: np.fromstring(str(x), sep=" ")[0],
    "float.hex": lambda x: float.fromhex(float.hex(x)),
    "sumprod": lambda x: getattr(math, "sumprod", lambda a, b: a[0] * b[0])([x], [1.0]),
}  # fmt: skip


def _objects(x):
    made = np.empty(1, dtype=object)
    made[0] = x
    return made


def _filled(x):
    made = np.zeros(1)
    made[0] = x
    return made[0]


def _copied_to(x):
    made = np.zeros(1)
    np.copyto(made, x)
    return made[0]


def _put(x):
    made = np.zeros(1)
    np.put(made, 0, x)
    return made[0]


def _saved(x):
    text = io.StringIO()
    np.savetxt(text, [x])
    return float(text.getvalue())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_keeps_its_derivative_or_is_refused(name, mode):
    f = NUMBERS[name]
    try:
        slope = MODES[mode](lambda x: f(x), 0.7)
    except (ChainruleError, TypeError, AttributeError, ValueError, NameError, ArithmeticError, struct.error):
        return
    assert slope == pytest.approx(np.cos(0.7) if "exp(" in name else 1.0), name


def _printed(x):
    text = io.StringIO()
    print(x, file=text)
    return float(text.getvalue())


# Of 0.7: they show the difference between a plain number and one that is traced.
DECIDED = {
    "text": lambda x: x if str(x) == "0.7" else 2 * x,
    "repr": lambda x: x if repr(x)[0] == "0" else 2 * x,
    "its length": lambda x: x * len(str(x)),
    "a look-up of text": lambda x: {"0.7": 3.0}.get(str(x), 1.0) * x,
    "an f-string": lambda x: x if f"{x}" == "0.7" else 2 * x,
    "startswith": lambda x: x if str(x).startswith("0") else 2 * x,
    "in text": lambda x: x if "." in str(x)[1] else 2 * x,
    "split": lambda x: x * len(str(x).split("a")),
    "hash": lambda x: x if hash(x) == hash(0.7) else 2 * x,
    "dict": lambda x: {0.7: 5.0}.get(x, 1.0) * x,
    "set": lambda x: 3.0 * x if x in {0.7} else x,
    "len of a set": lambda x: x * len({x, 0.7}),
    "try float of text": lambda x: _or(lambda: float(str(x)) ** 2, x),
    "try float of print": lambda x: _or(lambda: _printed(x) ** 2, x),
    "try hex": lambda x: _or(lambda: float.fromhex(x.hex()) ** 2, x),
    "try Fraction": lambda x: _or(lambda: float(fractions.Fraction(x)) ** 2, x),
    "try Decimal of text": lambda x: _or(lambda: float(decimal.Decimal(str(x))) ** 2, x),
}


def _or(f, x):
    try:
        return f()
    except Exception:
        return x


@pytest.mark.parametrize("name", DECIDED)
def test_what_goes_another_way_for_a_traced_number_is_refused(name):
    for mode in MODES.values():
        with pytest.raises((AnotherFunction, DroppedDerivative)):
            mode(DECIDED[name], 0.7)
    for jitted in (cr.jit(cr.grad(DECIDED[name])), cr.jit(DECIDED[name])):
        with pytest.raises(ChainruleError):
            jitted(0.7)


def test_digits_do_not_steer_machine_code():
    def f(x):
        return x if f"{x:.1f}" == "0.7" else 2 * x

    assert cr.grad(f)(0.7) == 1.0
    for jitted in (cr.jit(f), cr.jit(cr.grad(f))):
        with pytest.raises(CannotRecord):
            jitted(0.7)


def test_showing_a_number_asks_nothing(capsys):
    calls = []

    def f(x):
        calls.append(f"x = {x}, {x:.3f}, {x!r}")
        print(x, repr(x), str(x).rjust(30), f"{x:>12.3f}", f"{x!r:>40}", f"{x} {x:.2e}")
        return x * x

    assert cr.grad(f)(0.7) == 1.4
    assert cr.jvp(f, (0.7,), (1.0,))[1] == 1.4
    assert len(calls) == 2
    assert "0.700" in capsys.readouterr().out


def test_a_kept_number_is_written_as_plain_text_afterwards():
    """A worker of pytest sends what a failed function was called with, and refuses subclasses of str."""
    kept = []

    def keep(x):
        kept.extend((x, x * 1j, np.array([x, 2.0])))
        assert type(repr(x)) is not str or not isinstance(x, StandIn)
        return np.sum(x * x)

    modes = (cr.grad(keep), cr.jit(keep), cr.vmap(keep), lambda x: cr.jvp(keep, (x,), (x,)),
             lambda x: cr.taylor(keep, x, 3))  # fmt: skip
    for mode in modes:
        for x in (0.7, np.array([0.7, 1.0])):
            with contextlib.suppress(ChainruleError, cr.errors.VmapWarning, TypeError, ValueError):
                mode(x)
    assert len(kept) > 12
    assert {type(repr(x)) for x in [*kept, cr.Value(2.0), cr.Value([1.0])]} == {str}


RIGHT = {
    "copy.copy", "copy.deepcopy", "deepcopy in a list", "np.array", "np.full", "np.real", "np.conj",
    "object array, sum", "object array beside a carrier", "object array, dot",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_these_are_not_refused(name):
    assert cr.grad(lambda x: NUMBERS[name](x))(0.7) == pytest.approx(1.0)


# What these give carries no derivative by its nature.
PLAIN = {
    "ieee",
    "__bool__", "__int__", "__floor__", "__ceil__", "__trunc__", "__round__", "__len__", "__hash__", "__format__",
    "__repr__", "__str__", "__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__", "__contains__", "__sizeof__",
    "__dir__", "argmax", "argmin", "argsort", "nonzero", "searchsorted", "any", "all", "imag", "shape", "ndim", "size",
    "dtype", "level", "primal", "data", "tangent", "missing", "sign", "floor", "ceil", "trunc", "rint", "round",
    "__floordiv__", "__rfloordiv__", "apply", "__class__", "__doc__", "__annotations__", "__module__",
    "__init_subclass__", "__subclasshook__",
    "__new__", "__init__", "__getattribute__", "__setattr__", "__delattr__", "__slots__",
    "__getstate__", "__array_priority__", "__pyx_vtable__", "__reduce__", "__reduce_ex__", "__cinit__",
    "__reduce_cython__", "__setstate_cython__", "flags", "strides", "itemsize", "nbytes", "device", "base",
    "argpartition", "is_integer",
}  # fmt: skip
ARGUMENTS = {
    "__array_ufunc__": (np.add, "__call__", V, V), "__array_function__": (np.sum, (), (V,), {}),
    "__deepcopy__": ({},), "__reduce_ex__": (2,), "__getitem__": (slice(1, None),), "__setitem__": (0, 1.0),
    "compress": ([True],), "view": (),
    "astype": (np.float64,), "reshape": (3, 1), "transpose": (), "swapaxes": (0, 0), "take": ([0, 1],),
    "repeat": (2,), "solve": (np.eye(3),), "det": (), "trace": (), "diagonal": (), "__array__": (),
}  # fmt: skip


def test_every_attribute_of_a_carrier_is_accounted_for():
    """Whatever a carrier offers gives a carrier, or is in the list of things without a derivative, or is refused."""
    offered = [name for name in dir(Traced) if name not in PLAIN]
    assert len(offered) > 120
    for name in offered:
        for primal in (V, np.eye(3) + V, 0.7):
            found = _asked(Value(primal), name)
            assert all(_has_history(part) for part in found), (name, primal)


def _has_history(x):
    if isinstance(x, np.ndarray) and x.dtype == object:
        return all(isinstance(v, StandIn) for v in x.flat)
    return isinstance(x.base if type(x).__name__ == "Flat" else x, StandIn)


def _asked(x, name):
    try:
        found = getattr(x, name)
        if callable(found) and not isinstance(found, StandIn):
            count = ARGUMENTS.get(name)
            if count is None:
                needed = _needed(found)
                count = (np.float64(1.5),) * needed
            if name.startswith("__i") and name != "__iter__" and name != "__index__":
                return []  # see test_in_place
            if name == "__array_ufunc__":
                count = (np.add, "__call__", x, V if x.shape else 1.0)
            if name == "__array_function__":
                count = (np.sum, (), (x,), {})
            found = found(*count)
    except (ChainruleError, TypeError, ValueError, IndexError, AttributeError, NotImplementedError):
        return []
    if found is None or found is NotImplemented:
        return []
    if name == "__iter__":
        return list(found)
    return _flat(found) if isinstance(found, (tuple, list)) else [found]


def _flat(parts):
    return [x for part in parts for x in (_flat(part) if isinstance(part, (tuple, list)) else [part])]


def _needed(method):
    try:
        parameters = inspect.signature(method).parameters.values()
    except (TypeError, ValueError):
        return 1
    return sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


@pytest.mark.parametrize("kind", ["masked", "matrix", "Units"])
def test_arrays_with_other_arithmetic_are_refused(kind):
    made = {
        "masked": np.ma.array([1.0, 2.0, 4.0], mask=[0, 1, 0]),
        "matrix": np.matrix([[1.0, 2.0], [3.0, 4.0]]),
        "Units": V.view(Units),
    }[kind]
    like = np.asarray(made)
    calls = [
        lambda: cr.value_and_grad(lambda x: np.mean(x * x))(made),
        lambda: cr.jvp(lambda x: np.mean(x * x), (made,), (like,)),
        lambda: cr.jacobian(lambda x: x * x)(made),
        lambda: Value(made),
        lambda: cr.grad(lambda x: np.sum(x * made))(like),
        lambda: cr.grad(lambda x: np.sum(np.concatenate([x, made])))(like),
        lambda: cr.grad(lambda x: np.sum(np.where(made > 0, x, made)))(like),
        lambda: cr.jacobian(lambda x: made)(like),
        lambda: cr.vjp(lambda x: made, like)[1](like),
        lambda: cr.jvp(lambda x: made, (like,), (like,)),
    ]
    for k, call in enumerate(calls):
        expected = "rules of its own for arithmetic|cannot become a NumPy array"  # the latter where that class is asked
        with pytest.raises(ChainruleError, match=expected) as caught:
            call()
        assert "test_side_doors.py" in str(caught.value), k


def _mean(x):
    return np.mean(x * x)


TAKING = {
    # public functions whose numbers are not differentiated while they look at them
    "row": lambda odd, like: cr.sum(odd),
    "row of two": lambda odd, like: cr.maximum(like, odd),
    "read under jit": lambda odd, like: cr.jit(lambda x: np.mean(x * odd))(like),
    "argument of jit": lambda odd, like: cr.jit(_mean)(odd),
    "sparse_jacobian": lambda odd, like: cr.sparse_jacobian(lambda x: x * x)(odd),
    "sparse_hessian": lambda odd, like: cr.sparse_hessian(_mean)(odd),
    "vmap": lambda odd, like: cr.vmap(_mean)(odd),
    "fit": lambda odd, like: cr.fit(lambda p, x: np.mean((x - p) ** 2), 0.0, odd, epochs=1, progress=False),
    "optimiser": lambda odd, like: cr.optim.SGD(0.1).step(like, odd, cr.optim.SGD(0.1).start(like)),
    "minimize": lambda odd, like: cr.optim.minimize(_mean, odd),
    "rel_error": lambda odd, like: cr.rel_error(odd, like),
    "point of check": lambda odd, like: cr.check(_mean, lambda x: 2 * x / x.size, at=odd),
    "taylor": lambda odd, like: cr.taylor(lambda x: x * x, odd, 2),
    "numeric": lambda odd, like: cr.numeric.gradient(_mean, odd),
    "result in numeric": lambda odd, like: cr.numeric.jacobian(lambda x: odd * x, 2.0),
}


@pytest.mark.parametrize("kind", ["masked", "matrix"])
@pytest.mark.parametrize("taking", TAKING)
def test_arrays_with_other_arithmetic_are_refused_by(taking, kind):
    like = np.array([1.0, 2.0, 4.0])
    odd = np.ma.array(like, mask=[0, 1, 0]) if kind == "masked" else np.matrix(like)
    with pytest.raises(ChainruleError, match=r"rules of its own|plain numbers|jit takes|cannot become|records real"):
        TAKING[taking](odd, like.reshape(odd.shape))


def test_arrays_that_only_have_a_name_are_taken(tmp_path):
    named, stored = V.view(Named), np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(3,))
    stored[:] = V
    for x in (named, stored):
        np.testing.assert_array_equal(cr.grad(lambda x: np.sum(x * x))(x), 2 * V)
        np.testing.assert_array_equal(cr.grad(lambda y, x=x: np.sum(x * y))(V), V)


class Holder:
    def __init__(self, x):
        self.x = x


@pytest.mark.parametrize("wrap", [Labelled, Holder, lambda x: {x}, lambda x: lambda: x, lambda x: "x"])
def test_results_that_are_no_numbers_are_refused(wrap):
    for call in (
        lambda f: cr.grad(f)(0.7),
        lambda f: cr.value_and_grad(f)(V[:1]),
        lambda f: cr.jvp(f, (0.7,), (1.0,)),
        lambda f: cr.jacobian(f)(V),
        lambda f: cr.vjp(f, V)[1](1.0),
        lambda f: cr.taylor(f, 0.7, 2),
    ):
        with pytest.raises(ChainruleError):
            call(lambda x: wrap(x * 1.0))


def test_series_of_pandas_are_refused_as_results():
    pandas = pytest.importorskip("pandas")
    for wrap in (pandas.Series, lambda x: pandas.DataFrame({"a": x})):
        with pytest.raises(ChainruleError):
            cr.jacobian(lambda x, wrap=wrap: wrap([x[0], x[1]]))(V)


class Forgetful(Value):
    def __init__(self, x):
        self.x = x


@pytest.mark.parametrize(
    "use", [lambda v: v + 1, lambda v: 2.0 * v, lambda v: v.data, lambda v: v.backward(), repr, lambda v: np.exp(v),
            lambda v: np.sum(v), lambda v: v > 0, lambda v: Value(2.0) * v, copy.deepcopy, pickle.dumps]
)  # fmt: skip
def test_a_subclass_that_does_not_call_the_constructor_is_an_error(use):
    with pytest.raises((ArgumentError, AttributeError)):
        use(Forgetful(1.0))


def test_copies_of_values_made_by_hand_are_values_of_their_own():
    x = Value(2.0)
    y = x * x
    z, w = copy.deepcopy([y, x])
    z.backward()
    assert (w.grad, x.grad) == (4.0, 0.0)
    copy.copy(y).backward()
    assert x.grad == 4.0
