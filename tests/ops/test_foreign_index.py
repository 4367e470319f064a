"""Indices of PyTorch's tensors and their adjoints are those of NumPy, for every kind of basic index."""

import itertools
import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import array_api_compat.torch as xp  # noqa: E402

from chainrule.ops.foreign_index import tensor_getitem, tensor_scattered  # noqa: E402

PARTS = [
    0, -1, 1, slice(None), slice(1, None), slice(None, -1), slice(0, 3, 2), slice(None, None, -1), slice(3, 0, -2),
    slice(2, 1), slice(-2, None), slice(5, 9), None, Ellipsis,
]  # fmt: skip
STRIDE = 7  # of the indices of more than two parts, which are thousands


@pytest.mark.parametrize("shape", [(4,), (3, 2), (3, 4, 2), (1, 4), (2,)], ids=str)
def test_basic_indices(shape):
    x = np.arange(math.prod(shape), dtype=float).reshape(shape) + 1
    tried = 0
    for count in range(1, len(shape) + 2):
        for k, index in enumerate(itertools.product(PARTS, repeat=count)):
            if sum(part is Ellipsis for part in index) > 1 or (count > 2 and k % STRIDE):
                continue
            try:
                y = x[index]
            except IndexError:
                continue
            np.testing.assert_array_equal(tensor_getitem(torch.tensor(x), index=index).numpy(), y)
            due = np.zeros(shape)
            due[index] = y + 0.5
            found = tensor_scattered(xp, torch.tensor(np.asarray(y + 0.5)), index, shape)
            np.testing.assert_array_equal(found.numpy(), due, err_msg=str(index))
            tried += 1
    assert tried > 25


def test_adjoints_are_differentiated_and_batched():
    f = lambda ct: tensor_scattered(xp, ct, (slice(None, 0, -2), 0), (4, 2))
    assert torch.autograd.gradcheck(f, torch.rand(2, dtype=torch.float64, requires_grad=True))
    assert torch.func.vmap(f)(torch.rand(5, 2, dtype=torch.float64)).shape == (5, 4, 2)
