"""The random numbers of a check: what follows from the seed, and that they are spread as they should be."""

import numpy as np
import pytest

from chainrule.check.random_numbers import RandomNumbers

COUNT = 20_000


def test_a_draw_follows_from_the_seed_however_many_are_asked_at_once():
    one, many = RandomNumbers(7), RandomNumbers(7)
    assert [one.random() for _ in range(6)] == [*many.random(4), *many.random((2, 1)).ravel()]
    assert one.counter == many.counter
    firsts = {RandomNumbers(seed).random() for seed in (0, 1, 2, -1, 2**63, 10**30)}
    assert len(firsts) == 6


def test_known_draws():
    """The published sequence of SplitMix64 from the state 1234567."""
    random = RandomNumbers(0)
    random.counter = 1234567
    due = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert random.random(4).tolist() == [(word >> 11) * 2.0**-53 for word in due]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_draws_are_spread_evenly_and_follow_nothing(seed):
    drawn = RandomNumbers(seed).random(COUNT)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    counts = np.bincount((drawn * 16).astype(int), minlength=16)
    assert np.all(np.abs(counts - COUNT / 16) < 5 * np.sqrt(COUNT / 16))
    for lag in (1, 2, 3):
        assert abs(np.corrcoef(drawn[lag:], drawn[:-lag])[0, 1]) < 5 / np.sqrt(COUNT)
    other = RandomNumbers(seed + 1).random(COUNT)
    assert abs(np.corrcoef(drawn, other)[0, 1]) < 5 / np.sqrt(COUNT)


def test_normal_draws_have_the_moments_of_the_distribution():
    z = RandomNumbers(3).standard_normal((COUNT // 4, 4)).ravel()
    due = [0, 1, 0, 3]
    assert np.allclose([np.mean(z**k) for k in range(1, 5)], due, atol=[0.04, 0.06, 0.15, 0.4])
    single = RandomNumbers(3)
    assert abs(np.mean([single.standard_normal() for _ in range(2000)])) < 0.12
    assert abs(np.mean(single.normal(2.0, 0.5, 2000)) - 2.0) < 0.06


def test_whole_numbers_choices_and_orders():
    random = RandomNumbers(5)
    assert set(random.integers(3, 6, 300)) == {3, 4, 5}
    assert {random.integers(2) for _ in range(40)} == {0, 1}
    assert set(random.choice([-1.0, 1.0], (3, 20)).ravel()) == {-1.0, 1.0}
    assert {random.choice("ab") for _ in range(40)} == {"a", "b"}
    orders = {tuple(random.permutation(3)) for _ in range(200)}
    assert len(orders) == 6


def test_bounds_may_be_arrays():
    low, high = np.array([0.0, 10.0]), np.array([1.0, 20.0])
    drawn = RandomNumbers(1).uniform(low, high)
    assert np.all((low <= drawn) & (drawn < high))
    assert RandomNumbers(1).uniform(-1, 1, (2, 3)).shape == (2, 3)
