"""The order in which a long body computes its steps."""

from hypothesis import given
from hypothesis import strategies as st

from chainrule.jit.emit.schedule import LATENCY, interleaved

graphs = st.lists(st.lists(st.integers(0, 10**6), max_size=3), max_size=60).map(
    lambda rows: [[a % k for a in row] if k else [] for k, row in enumerate(rows)]
)


@given(graphs, st.integers(1, 70))
def test_every_step_comes_once_and_after_what_it_needs(needs, window):
    order = interleaved(needs, window)
    assert sorted(order) == list(range(len(needs)))
    place = {k: at for at, k in enumerate(order)}
    assert all(place[a] < place[k] for k, row in enumerate(needs) for a in row)


@given(graphs, st.integers(1, 70))
def test_no_step_comes_earlier_than_the_window_allows(needs, window):
    done = set()
    for k in interleaved(needs, window):
        first = next(j for j in range(len(needs)) if j not in done)
        assert k < first + window
        done.add(k)


def test_chains_are_interleaved():
    length, chains = 16, 8
    needs = [[] if k % length == 0 else [k - 1] for k in range(length * chains)]
    order = interleaved(needs, window=length * chains)
    place = {k: at for at, k in enumerate(order)}
    assert all(place[k] - place[k - 1] >= LATENCY for k in range(len(needs)) if needs[k])
