"""Numbers that are read back from the text of traced ones are refused: their derivatives would be lost."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import Refusal

READ = {
    "format": lambda x: float(f"{x:.3f}"),
    "percent": lambda x: float("%r" % x),  # noqa: UP031
    "str": lambda x: float(str(x)),
    "repr": lambda x: float(repr(x)),
    "formatted twice": lambda x: float(f"{f'{x:.3f}'}"),
    "int": lambda x: int(f"{x:.0f}"),
    "a part": lambda x: float(f"{x:.3f}"[:3]),
    "parts": lambda x: float(f"{x:.3f}".split(".")[0]),
    "upper case": lambda x: float(f"{x:.3e}".upper()),
    "replaced": lambda x: float(f"{x:.3f}".replace(".", "")),
    "partition": lambda x: float(f"{x:.3f}".partition("!")[0]),
    "one by one": lambda x: float(next(iter(f"{x:.1f}"))),
    "array2string": lambda x: float(np.array2string(np.array([x, x]))[1:4]),
    "array_str": lambda x: float(np.array_str(np.array([x, x]))[1:4]),
    "array_repr": lambda x: float(np.array_repr(np.array([x, x]))[7:10]),
    "behind other text": lambda x: float(f"0{x:.1f}"),
    "in a pattern": lambda x: float("0{:.17g}".format(x)),  # noqa: UP032
    "joined": lambda x: float("".join(["-", f"{x:.17g}"])),
    "a part of other text": lambda x: float(f"{x:.17g}, {x:.2f}".split(",")[0]),
    "of a helper": lambda x: float(labelled(x)[2:]),
    "for a type of NumPy's": lambda x: np.float64(f"0{x:.3f}"),
    "a digit in other text": lambda x: int(f"0{x:.0f}"),
    "a complex number": lambda x: complex(f"0{x:.3f}").real,
    "a word of an array": lambda x: float(np.array_str(np.array([x, x])).strip("[]").split()[0]),
}


def labelled(x):
    return f"x={x:.3f}"


def frozen(jitted, f):
    """The result for another number than the one that was recorded, if it is not that of f."""
    jitted(1.3)
    value = jitted(2.3)
    if value == f(2.3):
        raise Refusal("no need to refuse: the text is a guard")
    return value


MODES = {
    "grad": lambda f: cr.grad(f)(1.3),
    "jvp": lambda f: cr.jvp(f, (1.3,), (1.0,)),
    "vmap": lambda f: cr.vmap(cr.grad(f))(np.array([1.3, 2.3])),
    "jit": lambda f: frozen(cr.jit(f), f),
}


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning")
@pytest.mark.parametrize("mode", MODES)
def test_text_is_not_read_back(mode):
    for name, read in READ.items():
        try:
            found = MODES[mode](lambda x, read=read: read(x) * x)
        except Refusal:
            continue
        pytest.fail(f"{name}: {found}")


def test_other_text_is_read():
    def f(x):
        shown = f"{x:.3f} and {x:.0f}"
        return x * float("0.15") * int("12") * complex("2").real + 0.0 * len([shown])

    assert cr.grad(f)(1.0) == pytest.approx(3.6)
    assert cr.jit(f)(1.0) == pytest.approx(3.6)


def test_text_may_be_shown():
    shown = []

    def f(x):
        shown.append("at " + f"{x:.3f}".rjust(8) + ", " + np.array2string(np.array([x, x]), precision=2))
        return x * x

    assert cr.grad(f)(1.3) == 2.6
    assert shown == ["at    1.300, [1.3 1.3]"]
