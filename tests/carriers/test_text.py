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
    "a word of an array": lambda x: float(np.array_str(np.array([x, x])).strip("[]").split()[0]),
}
MODES = {
    "grad": lambda f: cr.grad(f)(1.3),
    "jvp": lambda f: cr.jvp(f, (1.3,), (1.0,)),
    "vmap": lambda f: cr.vmap(cr.grad(f))(np.array([1.3, 2.3])),
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


def test_text_may_be_shown():
    shown = []

    def f(x):
        shown.append("at " + f"{x:.3f}".rjust(8) + ", " + np.array2string(np.array([x, x]), precision=2))
        return x * x

    assert cr.grad(f)(1.3) == 2.6
    assert shown == ["at    1.300, [1.3 1.3]"]
