"""How it is noticed that an array has changed which a jitted function reads besides its arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule.jit.captured import places
from chainrule.jit.captured.outside import Outside
from chainrule.jit.captured.walk import LARGE
from chainrule.jit.captured.watch import Watch, fingerprint


def watch_of(array: Any) -> Watch:
    return Outside([lambda x: x * array], []).watch


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i2", "?", "c16"])
@pytest.mark.parametrize("size", [1, 15, 16, 17, 1000])
def test_a_change_of_any_one_byte_changes_the_fingerprint(dtype: str, size: int) -> None:
    array = np.zeros(size, dtype)
    raw, before = array.view(np.uint8), fingerprint(array)
    for place in range(0, raw.size, 1 if raw.size < 300 else 97):
        raw[place] = 1
        assert fingerprint(array) != before, place
        raw[place] = 0
    assert fingerprint(array) == before


def test_a_fingerprint_tells_orders_signs_and_forms_apart() -> None:
    array = np.random.default_rng(0).normal(size=(96, 64))
    variants = [array, -array, array[::-1], array[:, ::-1], array.T, array.ravel(), array.astype("f4"), array * 0.0]
    swapped = array.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    variants += [swapped, np.roll(array, 1, 1), np.zeros_like(array), array.view("i8")]
    assert len({fingerprint(x) for x in variants}) == len(variants)
    assert fingerprint(array[::2]) == fingerprint(array[::2].copy())


def test_what_is_kept_of_arrays() -> None:
    assert places.FINGERPRINT in watch_of(np.ones(LARGE // 8)).kinds
    assert places.CONTENTS in watch_of(np.ones(LARGE // 8 - 1)).kinds
    fixed = watch_of(np.frombuffer(np.ones(LARGE).tobytes())).kinds
    assert places.CONTENTS not in fixed
    assert places.FINGERPRINT not in fixed


def test_a_flag_that_can_be_taken_back_is_not_trusted() -> None:
    array = np.ones(LARGE)
    array.flags.writeable = False
    watch = watch_of(array)
    array.flags.writeable = True
    array[-1] = 2.0
    array.flags.writeable = False
    assert not watch.holds()
