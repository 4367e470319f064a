"""Arrays that are assigned to, as it is written."""

import numpy as np

from benchmarks.numpy_calls.points import B33, B34, i4, m4, m34, w4, y3, y4, y7


def filled_in_a_loop(v):
    y = np.zeros(len(v))
    for i in range(len(v)):
        y[i] = v[i] ** 2
    return y


def filled_from_before(v):
    y = np.empty(len(v))
    y[0] = v[0]
    for i in range(1, len(v)):
        y[i] = 0.5 * y[i - 1] + v[i]
    return y


def filled_matrix(x):
    K = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            K[i, j] = np.exp(-((x[i] - x[j]) ** 2))
    return K


def filled_rows(R):
    out = np.empty((3, 2))
    for i, row in enumerate(R):
        out[i, 0], out[i, 1] = row.sum(), row.max()
    return out


def filled_zeros_like(v):
    y = np.zeros_like(v)
    y[::2] = v[::2]
    y[1] = 3.0
    return y


def filled_full(v):
    y = np.full(9, 0.5)
    y[1:8] = v
    y[-1] = y[-2] * 2
    return y


def masked(v):
    y = v.copy()
    y[y < 0] = 0.0
    return y


def masked_from_mask(v):
    y = v.copy()
    y[v < 0] *= 0.1
    return y


def masked_values(v):
    y = np.zeros_like(v)
    pos = v > 0
    y[pos] = np.log1p(v[pos])
    y[~pos] = v[~pos] ** 2
    return y


def column_added(R):
    y = R.copy()
    y[:, 1] += y[:, 0]
    y[0] *= 2.0
    return y


def index_arrays(v):
    y = v.copy()
    y[[0, 3]] = y[[3, 0]]
    y[np.array([1, 2])] -= 1.0
    return y


def index_pairs(R):
    y = R * 1.0
    y[[0, 1], [2, 3]] = y[2, :2]
    return y


def in_place(v):
    y = v * 1.0
    y += 2.0
    y *= v
    y /= 3.0
    y -= v
    y **= 2
    return y


def in_place_matmul(A):
    y = A.copy()
    y @= B33
    return y


def argument_in_place(v):
    v += 1.0
    v[0] = 2.0
    return v * v


def by_view(v):
    y = v * 1.0
    z = y[1:4]
    z += 1.0
    z[0] = y[-1]
    return y


def by_rows(R):
    y = R.copy()
    for row in y:
        row *= row[0]
    return y


def by_transposed(R):
    y = R.copy()
    y.T[0] = 7.0 * y[0, 1]
    return y


def by_reshaped(R):
    y = R.copy()
    y.reshape(-1)[5] = y[0, 0] ** 2
    return y


def by_ravelled(R):
    y = R.copy()
    y.ravel()[:3] = 0.0
    return y


def by_diagonal(A):
    y = A.copy()
    np.fill_diagonal(y, 0.0)
    y[np.diag_indices(3)] += y[0]
    return y


def by_flat(R):
    y = R.copy()
    y.flat[2] = y[0, 0] * 3
    y.flat[[5, 6]] = 1.0
    return y


def by_newaxis(v):
    y = v.copy()
    y[:, None][2, 0] = y[0]
    return y


def by_helper(v):
    def half(a, k):
        a[k] = a[k] / 2

    y = v.copy()
    half(y, 2)
    half(y, slice(3, 5))
    return y


def by_put(v):
    y = v.copy()
    np.put(y, [0, 2], y[[1, 3]])
    y.put([4], 9.0)
    return y


def by_place(v):
    y = v.copy()
    np.place(y, m7(), [1.0, 2.0])
    np.putmask(y, y > 1.5, y * y)
    return y


def m7():
    return y7 > -0.3


def by_copyto(R):
    y = np.zeros((3, 4))
    np.copyto(y, R)
    np.copyto(y, 2.0 * R, where=m34)
    return y


def by_put_along_axis(R):
    y = R.copy()
    np.put_along_axis(y, np.argmax(R, axis=1, keepdims=True), R.sum(axis=1, keepdims=True), axis=1)
    return y


def by_sort(v):
    y = v.copy()
    y.sort()
    return y


def by_sort_of_columns(R):
    y = R.copy()
    y.sort(axis=0)
    return y


def by_partition(v):
    y = v.copy()
    y.partition(3)
    return y[3]


def by_fill(v):
    y = v.copy()
    y.fill(v[0] ** 2)
    return y


def by_out(v):
    y = np.empty_like(v)
    np.multiply(v, v, out=y)
    np.add(y, 1.0, out=y)
    return y


def by_sum_out(R):
    y = np.zeros(4)
    np.sum(R, axis=0, out=y)
    return y


def by_dot_out(R):
    y = np.zeros(3)
    np.dot(R, y4, out=y)
    return y


def by_shuffle(v):
    y = v.copy()
    np.random.default_rng(1).shuffle(y)
    return y


def by_ellipsis(R):
    y = np.zeros((3, 4))
    y[...] = R
    y[..., 0] = 1.0
    y[:] += R
    return y


def by_broadcast(x):
    y = np.zeros((3, 4))
    y[:] = x
    y[1] = 2 * x
    y[:, 2] = y3
    return y


def by_scalar_index(s):
    y = np.zeros(3)
    y[0] = s
    y[1] = s * s
    y[2] += y[0] * y[1]
    return y


def by_resize_of_shape(x):
    y = x.copy()
    y.shape = (2, 2)
    return y @ y


def swapped(v):
    y = v.copy()
    y[0], y[1] = y[1], y[0]
    y[2:4] = y[2:4][::-1].copy()
    return y


def in_lists(v):
    rows = [[0.0] * 2 for _ in range(2)]
    for k in range(4):
        rows[k // 2][k % 2] = v[k] ** 2
    return np.array(rows)


def in_object_array(v):
    y = np.empty(2, dtype=object)
    y[0], y[1] = v[0], v[1]
    return y[0] * y[1]


def in_ints(v):
    y = np.zeros(7, dtype=int)
    y[:] = 3 * v
    return y * v


def in_float32(x):
    y = np.zeros(4, dtype=np.float32)
    y[:] = x
    return y


def in_complex(x):
    y = np.zeros(4, dtype=complex)
    y[:] = x
    y[0] = 1j * x[1]
    return y


def in_list_turned_into_array(v):
    y = np.array([1.0, 2.0, 3.0])
    y[1] = v[0]
    return y * v[1]


def in_arange(v):
    y = np.arange(7.0)
    y[2:] *= v[2:]
    return y


def in_eye(v):
    y = np.eye(3)
    y[0, 1] = v[0]
    y[1] += v[:3]
    return np.linalg.inv(y + np.eye(3))


def in_copy_of_data(v):
    y = np.array(y7)
    y[1:3] = v[1:3]
    return y


def in_outside(v):
    OUTSIDE[0] = v[0]
    return OUTSIDE * v


OUTSIDE = np.ones(7)


def in_default(v, table=np.ones(7)):
    table += v
    return table


def stepped(v):
    for _ in range(3):
        v[1:-1] += 0.1 * (v[2:] - 2 * v[1:-1] + v[:-2])
    return v


def whole_number_table(x):
    counts = np.zeros(3)
    for k, a in zip(i4, x, strict=True):
        counts[k] += a
    return counts / counts.sum()


def conditioned(x):
    total = 0.0
    for a, keep in zip(x, m4, strict=True):
        if keep and a > 0.1:
            total += a * a
    return total


def standardised(R):
    y = R - R.mean(axis=0)
    y /= y.std(axis=0, ddof=1)
    return y


def softmax(R):
    e = np.exp(R - R.max(axis=-1, keepdims=True))
    e /= e.sum(axis=-1, keepdims=True)
    return e


def distances(L):
    d = L[:, None] - L[None]
    return np.sqrt((d**2).sum(-1) + 1e-3) + np.eye(5) * w4[0]


def with_np_nditer(x):
    y = np.zeros(4)
    for k, a in np.ndenumerate(x):
        y[k] = a**2
    return y


def with_vectorize(x):
    @np.vectorize
    def f(a):
        return a * a if a > 0.5 else a

    return f(x) + B34[0]
